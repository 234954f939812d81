import { useTheme2 } from '@grafana/ui';
import type { PromiseStatus } from '../../../shared/api.ts';

const DAY = 6;
const HEIGHT = 24;
/** A day without a break is a short bar, so that days with a break stand out by their height as well as their colour. */
const KEPT_HEIGHT = 8;

/** One bar for each day of a promise's period, oldest first: short if all was kept, high if the promise was broken. */
export function VerdictsByDay({ days }: { days: PromiseStatus['history'] }) {
  const theme = useTheme2();
  if (days.length === 0) return <>–</>;
  const words = verdictWords(days);
  return (
    <svg width={days.length * DAY} height={HEIGHT} role="img" aria-label={words}>
      {days.map((day, at) => {
        const height = day.broken > 0 ? HEIGHT : KEPT_HEIGHT;
        const color = theme.visualization.getColorByName(day.broken > 0 ? 'red' : 'semi-dark-green');
        return (
          <rect key={day.day} x={at * DAY} y={HEIGHT - height} width={DAY - 1.5} height={height} rx={1} fill={color}>
            <title>{`${day.day}: ${day.kept} kept, ${day.broken} broken`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** The bars in words: `3 days with runs: 40 kept, 2 broken`. */
export function verdictWords(days: PromiseStatus['history']): string {
  const [kept, broken] = [sum(days, 'kept'), sum(days, 'broken')];
  const counted = `${days.length} ${days.length === 1 ? 'day' : 'days'} with runs`;
  return `${counted}: ${kept.toLocaleString('en')} kept, ${broken.toLocaleString('en')} broken`;
}

function sum(days: PromiseStatus['history'], field: 'kept' | 'broken'): number {
  return days.reduce((total, day) => total + day[field], 0);
}
