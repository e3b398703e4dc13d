// Nobody types here: who awaits a line is told so, and does not wait for ever.

import { Interface } from 'node:readline/promises';

/** From here on a question that its input's end leaves open is an error. */
export function refuseQuestions() {
  const ask = Interface.prototype.question;
  Interface.prototype.question = async function question(...parameters) {
    let refuse;
    const ended = new Promise((_, reject) => { refuse = () => reject(new Error('nobody answers: the standard input of a cell is at its end')); });
    this.once('close', refuse);
    if (this.input?.readableEnded) refuse();
    try {
      return await Promise.race([ask.apply(this, parameters), ended]);
    } finally {
      this.off('close', refuse);
    }
  };
}
