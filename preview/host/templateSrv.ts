import {
  getFieldDisplayValuesProxy,
  type DataContextScopedVar,
  type ScopedVars,
  type TypedVariableModel,
} from '@grafana/data';
import { locationService, type TemplateSrv } from '@grafana/runtime';
import { get } from 'lodash';
import { rangeOfUrl } from './rangeOfUrl.ts';

const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

type Format = string | ((value: unknown) => string) | undefined;

/**
 * Replaces variables from `var-NAME` in the URL, as on a dashboard: `$x`, `${x}`, `${x:csv}` and the formats that plugins use. In links
 * it also replaces the time range and the fields of the row.
 */
export class PreviewTemplateSrv implements TemplateSrv {
  getVariables(): TypedVariableModel[] {
    const names = [...new Set([...locationService.getSearch().keys()].filter((name) => name.startsWith('var-')))];
    return names.map(
      (name) => ({ name: name.slice(4), type: 'textbox', label: null }) as unknown as TypedVariableModel,
    );
  }

  replace(target = '', scopedVars: ScopedVars = {}, format?: Format): string {
    return target.replace(REFERENCE, (match, plain, bracketed, bracketFormat, braced, path, braceFormat) => {
      const values = valuesOf(plain ?? bracketed ?? braced, path, scopedVars);
      return values === null ? match : write(values, braceFormat ?? bracketFormat ?? format);
    });
  }

  containsTemplate(target = ''): boolean {
    return [...target.matchAll(REFERENCE)].length > 0;
  }

  updateTimeRange(): void {}
}

function valuesOf(name: string, path: string | undefined, scopedVars: ScopedVars): unknown[] | null {
  const scoped = scopedVars[name];
  if (scoped) return Array.isArray(scoped.value) ? scoped.value : [scoped.value];
  if (name === '__data' && path) return rowValue(path, scopedVars.__dataContext);
  if (name === '__from' || name === '__to') return [rangeOfUrl()[name === '__from' ? 'from' : 'to'].valueOf()];
  const inUrl = locationService.getSearch().getAll(`var-${name}`);
  return inUrl.length > 0 ? inUrl : null;
}

/** The text of a field in the row of a link. */
function rowValue(path: string, context: DataContextScopedVar | undefined): unknown[] | null {
  const { frame, rowIndex } = context?.value ?? {};
  if (!frame || rowIndex === undefined) return null;
  return [String(get({ fields: getFieldDisplayValuesProxy({ frame, rowIndex }) }, path) ?? '')];
}

/** Like Grafana, passes a single value to a format function unchanged, and several values as a list. The default is the glob format. */
function write(values: unknown[], format: Format): string {
  if (typeof format === 'function') return format(values.length === 1 ? values[0] : values);
  if (format === 'json') return JSON.stringify(values.length === 1 ? values[0] : values);
  const texts = values.map(String);
  if (format === 'regex') return texts.length === 1 ? texts[0]! : `(${texts.join('|')})`;
  if (format === 'csv' || format === 'raw') return texts.join(',');
  const glob = texts.length === 1 ? texts[0]! : `{${texts.join(',')}}`;
  // The format of links: it encodes "%" again.
  if (format === 'uriencode') return encodeURI(glob);
  return format === 'percentencode' ? encodeURIComponent(glob) : glob;
}
