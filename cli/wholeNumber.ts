import { InvalidArgumentError } from 'commander';

/** Parser of an option that takes a whole number from 1 to `most`; without `most` there is no upper limit. */
export function wholeNumber(most = Infinity): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= most) return number;
    const range = most === Infinity ? 'above 0' : `from 1 to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}
