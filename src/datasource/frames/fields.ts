import { FieldType, MappingType, type DataLink, type Field, type FieldConfig } from '@grafana/data';
import { DAG_RUN_STATES, TASK_INSTANCE_STATES } from '../../../shared/states.ts';
import { stateLook } from '../../data/stateLook.ts';
import { epochOf } from '../../data/upstreamEnds.ts';

/** Definition of a field: a name, how to read it from a row, and its configuration in Grafana. */
export interface FieldOf<Row> {
  name: string;
  type: FieldType;
  config: FieldConfig;
  read: (row: Row) => unknown;
}

type Read<Row, Value> = (row: Row) => Value;

export function text<Row>(name: string, read: Read<Row, string | null>, config: FieldConfig = {}): FieldOf<Row> {
  return { name, type: FieldType.string, config, read };
}

export function count<Row>(name: string, read: Read<Row, number | null>, config: FieldConfig = {}): FieldOf<Row> {
  return { name, type: FieldType.number, config: { decimals: 0, ...config }, read };
}

export function seconds<Row>(name: string, read: Read<Row, number | null>, config: FieldConfig = {}): FieldOf<Row> {
  return { name, type: FieldType.number, config: { unit: 's', ...config }, read };
}

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

/** Links to the run's page by the URL fields of the frame. */
export function runLinks(graphField: string, ganttField: string): DataLink[] {
  return [
    { title: 'Open graph', url: `\${__data.fields["${graphField}"]}${RANGE}` },
    { title: 'Open Gantt', url: `\${__data.fields["${ganttField}"]}${RANGE}` },
  ];
}

/** The fields of a frame from rows. */
export function fieldsOf<Row>(rows: readonly Row[], columns: readonly FieldOf<Row>[]): Field[] {
  return columns.map(({ name, type, config, read }) => ({ name, type, config, values: rows.map(read) }));
}
