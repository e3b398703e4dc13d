exports.greet = function greet(who) { return `hi ${who}`; };
