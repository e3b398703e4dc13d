import type { Context } from 'toolruntime';

interface Report {
  city: string;
  /** Degrees Celsius. */
  temperature: number;
  sky: 'clear' | 'cloudy' | 'rain';
}

/**
 * Forecasts the weather of the next days; every day comes as soon as it is known.
 * @param city The city's name.
 * @param days How many days.
 */
export default async function* weather(city: string, days = 3, ctx: Context): AsyncGenerator<Report> {
  const skies = ['clear', 'cloudy', 'rain'] as const;
  for (let day = 0; day < days; day++) {
    ctx.progress(day + 1, days);
    yield { city, temperature: 12 + ((city.length * 7 + day * 3) % 15), sky: skies[(city.length + day) % skies.length] };
  }
}
