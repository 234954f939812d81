import { setPriority } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';

/** `--nice N`: how far a service yields the CPU to other processes. */
export function niceOption(): Option {
  return new Option(
    '--nice <n>',
    'yield to other processes of this machine, from 0 (not at all) to 19, as nice does',
  ).argParser(niceness);
}

function niceness(value: string): number {
  const nice = Number(value);
  if (value.trim() !== '' && Number.isInteger(nice) && nice >= 0 && nice <= 19) return nice;
  throw new InvalidArgumentError('It must be a whole number from 0 to 19.');
}

export function stepBack(nice: number | undefined): void {
  if (nice) setPriority(nice);
}
