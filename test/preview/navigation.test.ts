import { describe, expect, it } from 'vitest';
import { refuseUntemplated } from '../../preview/app.ts';
import { navigationOf, pageAt } from '../../preview/host/navigation.ts';
import { findPlugins, SOURCES, type PluginJson } from '../../preview/plugin/folders.ts';

const source = findPlugins(SOURCES).find(({ json }) => json.type === 'app')!.json;
const built = JSON.parse(JSON.stringify(source).replaceAll('%PLUGIN_ID%', source.id)) as PluginJson;
const texts = (app: PluginJson, role: string) => navigationOf(app as never, role).children.map(({ text }) => text);

describe('the app in Grafana’s navigation', () => {
  it('lists the lookup, because it is not the default page', () => {
    expect(texts(built, 'Viewer')).toContain('Lookup');
    expect(navigationOf(built as never, 'Viewer').url).toBe(`/a/${built.id}`);
  });

  it('drops the child that is the default page, as Grafana does', () => {
    const includes = built.includes!.map((page) => ({ ...page, defaultNav: page.name === 'Lookup' }));
    const app = { ...built, includes };
    expect(texts(app, 'Viewer')).not.toContain('Lookup');
    expect(navigationOf(app as never, 'Viewer').url).toBe(`/a/${built.id}/lookup`);
  });

  it('shows the configuration only to Admins', () => {
    expect(texts(built, 'Editor')).not.toContain('Configuration');
    expect(texts(built, 'Admin')).toContain('Configuration');
    expect(pageAt(built as never, `/plugins/${built.id}`)?.role).toBe('Admin');
  });
});

describe('a plugin.json that the build did not fill in', () => {
  it('is refused by the preview, which names the remaining placeholders', () => {
    expect(() => refuseUntemplated({ path: '', json: source })).toThrow(
      /still says %\w+%, which Grafana does not fill/,
    );
    const { info } = built;
    const json = { ...built, info: { ...info, version: '0.1.0', updated: '2026-01-01' } };
    expect(refuseUntemplated({ path: '', json }).json).toBe(json);
  });
});
