import { FieldType, type DataFrame, type Field } from '@grafana/data';

interface Scale {
  /** Field unit of Grafana. */
  unit: string;
  /** Seconds per unit. */
  seconds: number;
}

/** Units with round ticks. Grafana's unit for seconds would show 175 s as "2.92 mins". */
const SCALES: readonly (Scale & { from: number })[] = [
  { from: 2 * 86_400, unit: 'suffix:d', seconds: 86_400 },
  { from: 2 * 3_600, unit: 'suffix:h', seconds: 3_600 },
  { from: 60, unit: 'suffix:min', seconds: 60 },
];
const AS_SECONDS: Scale = { unit: 's', seconds: 1 };

/** The unit in which an axis up to the largest of these values in seconds has round ticks. */
export function scaleOf(frames: readonly DataFrame[], line = 0): Scale {
  let largest = line;
  for (const value of frames.flatMap(({ fields }) => fields.filter(isNumber).flatMap(({ values }) => values))) {
    if (Number.isFinite(value) && value > largest) largest = value as number;
  }
  return SCALES.find(({ from }) => largest > from) ?? AS_SECONDS;
}

/** Converts frames from seconds to another unit. */
export function scaled(frames: readonly DataFrame[], { seconds }: Scale): DataFrame[] {
  const divided = (field: Field): Field => ({
    ...field,
    values: field.values.map((value: number | null) => (value === null ? null : value / seconds)),
  });
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => (isNumber(field) ? divided(field) : field)),
  }));
}

function isNumber({ type }: Field): boolean {
  return type === FieldType.number;
}
