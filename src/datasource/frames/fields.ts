import { FieldType, locationUtil, MappingType, type DataLink, type Field, type FieldConfig } from '@grafana/data';
import { DAG_RUN_STATES, TASK_INSTANCE_STATES } from '../../../shared/states.ts';
import { protectLink } from '../../data/protectedLink.ts';
import { stateLook } from '../../data/stateLook.ts';
import { epochOf } from '../../data/upstreamEnds.ts';

/** Definition of a field: a name, how to read it from a row, and its configuration in Grafana. */
export interface FieldOf<Row> {
  name: string;
  type: FieldType;
  config: FieldConfig;
  read: (row: Row) => unknown;
  /** The part of the configuration that depends on the values. */
  configOf?: (values: readonly unknown[]) => FieldConfig;
}

type Read<Row, Value> = (row: Row) => Value;

export function text<Row>(name: string, read: Read<Row, string | null>, config: FieldConfig = {}): FieldOf<Row> {
  return { name, type: FieldType.string, config, read };
}

export function count<Row>(name: string, read: Read<Row, number | null>, config: FieldConfig = {}): FieldOf<Row> {
  return { name, type: FieldType.number, config: { decimals: 0, ...config }, read };
}

/**
 * A duration. With a value of a minute or more, its column is in hh:mm:ss: the unit of seconds would write 4.98 mins. Values below a
 * tenth of a millisecond are 0, because that unit would write them in µs and ns.
 */
export function seconds<Row>(name: string, read: Read<Row, number | null>, config: FieldConfig = {}): FieldOf<Row> {
  const shown = (value: number | null) => (value !== null && Math.abs(value) < 1e-4 ? 0 : value);
  const configOf = (values: readonly unknown[]) =>
    values.some((value) => Math.abs(Number(value)) >= 60) ? AS_CLOCK : { unit: 's' };
  return { name, type: FieldType.number, config, read: (row) => shown(read(row)), configOf };
}

const AS_CLOCK: FieldConfig = {
  unit: 'dthms',
  mappings: [{ type: MappingType.RangeToText, options: { from: 1e-6, to: 0.999, result: { text: '< 1 s' } } }],
};

export function flag<Row>(name: string, read: Read<Row, boolean>, config: FieldConfig = {}): FieldOf<Row> {
  return { name, type: FieldType.boolean, config, read };
}

/** A time field: converts RFC 3339 to epoch milliseconds. */
export function time<Row>(name: string, read: Read<Row, string | null>, config: FieldConfig = {}): FieldOf<Row> {
  return { name, type: FieldType.time, config, read: (row) => epochOf(read(row)) };
}

/** A state as a word in its colour. */
export function state<Row>(name: string, read: Read<Row, string | null>): FieldOf<Row> {
  return text(name, read, {
    displayName: 'State',
    custom: { cellOptions: { type: 'color-text' } },
    mappings: [{ type: MappingType.ValueToText, options: STATE_COLORS }],
  });
}

const STATE_COLORS = Object.fromEntries(
  [...new Set<string>([...DAG_RUN_STATES, ...TASK_INSTANCE_STATES])].map((name, index) => {
    const { label, color } = stateLook(name);
    return [name, { text: label, color, index }];
  }),
);

/** Configuration of fields that only links use. */
export const HIDDEN: FieldConfig = { custom: { hidden: true, hideFrom: { viz: true, legend: true, tooltip: true } } };

const RANGE = '&from=${__from}&to=${__to}';

/**
 * Links to the run's page by the URL fields of the frame. They are filled in as they are (`raw`), because a dashboard would encode them
 * again.
 */
export function runLinks(graphField: string, ganttField: string): DataLink[] {
  return [
    { title: 'Open graph', url: `\${__data.fields["${graphField}"]:raw}${RANGE}` },
    { title: 'Open Gantt', url: `\${__data.fields["${ganttField}"]:raw}${RANGE}` },
  ];
}

/** A field with the address of a run, for links: below Grafana's sub path, or in Airflow. */
export function pageUrl<Row>(name: string, read: Read<Row, string>): FieldOf<Row> {
  return text(name, (row) => protectLink(locationUtil.assureBaseUrl(read(row))), HIDDEN);
}

/** The fields of a frame from rows. */
export function fieldsOf<Row>(rows: readonly Row[], columns: readonly FieldOf<Row>[]): Field[] {
  return columns.map(({ name, type, config, read, configOf }) => {
    const values = rows.map(read);
    return { name, type, config: { ...configOf?.(values), ...config }, values };
  });
}
