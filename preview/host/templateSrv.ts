import type { ScopedVars, TypedVariableModel } from '@grafana/data';
import { locationService, type TemplateSrv } from '@grafana/runtime';

const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?::([^}]+))?\}/g;

/** Replaces variables from `var-NAME` in the URL, as on a dashboard: `$x`, `${x}`, `${x:csv}` and the formats that plugins use. */
export class PreviewTemplateSrv implements TemplateSrv {
  getVariables(): TypedVariableModel[] {
    const names = [...new Set([...locationService.getSearch().keys()].filter((name) => name.startsWith('var-')))];
    return names.map(
      (name) => ({ name: name.slice(4), type: 'textbox', label: null }) as unknown as TypedVariableModel,
    );
  }

  replace(target = '', scopedVars: ScopedVars = {}, format?: string | ((value: unknown) => string)): string {
    return target.replace(REFERENCE, (match, plain, bracketed, bracketFormat, braced, braceFormat) => {
      const values = valuesOf(plain ?? bracketed ?? braced, scopedVars);
      return values === null ? match : write(values, braceFormat ?? bracketFormat ?? format);
    });
  }

  containsTemplate(target = ''): boolean {
    return [...target.matchAll(REFERENCE)].length > 0;
  }

  updateTimeRange(): void {}
}

function valuesOf(name: string, scopedVars: ScopedVars): unknown[] | null {
  const scoped = scopedVars[name];
  if (scoped) return Array.isArray(scoped.value) ? scoped.value : [scoped.value];
  const inUrl = locationService.getSearch().getAll(`var-${name}`);
  return inUrl.length > 0 ? inUrl : null;
}

/** Like Grafana, passes a single value to a format function unchanged, and several values as a list. The default is the glob format. */
function write(values: unknown[], format: string | ((value: unknown) => string) | undefined): string {
  if (typeof format === 'function') return format(values.length === 1 ? values[0] : values);
  if (format === 'json') return JSON.stringify(values.length === 1 ? values[0] : values);
  const texts = values.map(String);
  if (format === 'regex') return texts.length === 1 ? texts[0]! : `(${texts.join('|')})`;
  if (format === 'csv') return texts.join(',');
  return texts.length === 1 ? texts[0]! : `{${texts.join(',')}}`;
}
