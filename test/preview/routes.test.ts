import { describe, expect, it } from 'vitest';
import { findPlugins, SOURCES } from '../../preview/plugin/folders.ts';
import { decide, fillTemplate } from '../../preview/proxy/routes.ts';
import { API_PATHS, runPath } from '../../shared/api.ts';

const ROUTES = findPlugins(SOURCES).find((plugin) => plugin.json.type === 'datasource')!.json.routes!;
const ask = (path: string, role = 'Viewer', method = 'GET', secrets: Record<string, string> = { apiToken: 'secret' }) =>
  decide(ROUTES, { method, path, role }, secrets);

describe('the data source’s proxy routes', () => {
  it('reach every path of the API for a Viewer, with the token', () => {
    const paths = [...Object.values(API_PATHS).filter((path) => !path.includes('{')), runPath('s', 'd', 'a/b c')];
    for (const path of paths) {
      expect(ask(path), path).toEqual({ allowed: true, headers: { Authorization: 'Bearer secret' } });
    }
  });

  it('send no header if no token is set', () => {
    expect(ask(API_PATHS.lookup, 'Viewer', 'GET', {})).toEqual({ allowed: true, headers: {} });
  });

  it('refuse people who are not even Viewers', () => {
    expect(ask(API_PATHS.lookup, 'None')).toEqual({ allowed: false });
  });

  it.each(['POST', 'DELETE'])('do not give the token to a %s', (method) => {
    expect(ask(API_PATHS.runs, 'Admin', method)).toEqual({ allowed: true, headers: {} });
  });

  it('do not give the token to paths outside the API', () => {
    expect(ask('/metrics')).toEqual({ allowed: true, headers: {} });
  });
});

describe('fillTemplate', () => {
  it('refuses a template that it does not know, instead of sending it', () => {
    expect(() => fillTemplate('{{ .JsonData.x | upper }}', {})).toThrow('does not know the template');
  });
});
