import type { AppPlugin, IconName, PluginExtensionAddedLinkConfig } from '@grafana/data';
import { useEffect, useState, type MouseEvent } from 'react';
import { boot } from '../boot.ts';
import { loadPlugin } from '../loader.ts';
import { readOnlyProxy } from './readOnlyProxy.ts';

/** A link of the app, as in Grafana's menus. */
export interface ExtensionLink {
  title: string;
  icon: IconName | undefined;
  path: string | undefined;
  onClick: ((event: MouseEvent) => void) | undefined;
}

const APP = boot.plugins.find((plugin) => plugin.json.type === 'app')!.json;

/** The app's links at an extension point with its context. `context` must be the same object in all renders. */
export function useExtensionLinks(extensionPoint: string, context: object): ExtensionLink[] {
  const [links, setLinks] = useState<ExtensionLink[]>([]);
  useEffect(() => {
    let current = true;
    void loadPlugin<AppPlugin>(APP.id).then((plugin) => {
      const found = plugin.addedLinkConfigs.flatMap((link) => linkAt(link, extensionPoint, context));
      if (current) setLinks(found);
    });
    return () => {
      current = false;
    };
  }, [extensionPoint, context]);
  return links;
}

/** Null if Grafana would not show the link: it has another target, was refused, or `configure` hid it or threw. */
function linkAt(link: PluginExtensionAddedLinkConfig, extensionPoint: string, context: object): ExtensionLink[] {
  if (![link.targets].flat().includes(extensionPoint)) return [];
  const refusal = refusalOf(link);
  if (refusal) {
    reportError(new Error(`Link "${link.title}" was refused: ${refusal}`));
    return [];
  }
  const shown = readOnlyProxy(context);
  try {
    const overrides = link.configure ? link.configure(shown) : {};
    if (!overrides) return [];
    const { onClick } = link;
    const path = overrides.path ?? link.path;
    return [
      {
        title: overrides.title ?? link.title,
        icon: overrides.icon ?? link.icon,
        path: path && tracked(path, extensionPoint),
        onClick: onClick && ((event) => onClick(event, { context: shown } as Parameters<typeof onClick>[1])),
      },
    ];
  } catch (error) {
    reportError(new Error(`Link "${link.title}" was hidden: its configure() threw ${String(error)}`));
    return [];
  }
}

/** The checks that Grafana does at registration. */
function refusalOf({ title, description, path, onClick, targets }: PluginExtensionAddedLinkConfig): string | undefined {
  const declared = (APP.extensions?.addedLinks ?? []).find((link) => link.title === title);
  if (!declared) return 'plugin.json declares no link of this title';
  if (declared.description !== description) return 'plugin.json gives it another description';
  if ([targets].flat().some((target) => ![declared.targets].flat().includes(target))) {
    return 'plugin.json gives it other targets';
  }
  if (!path && !onClick) return 'it has neither path nor onClick';
  if (path && !path.startsWith(`/a/${APP.id}/`)) return `its path does not start with /a/${APP.id}/`;
  return undefined;
}

/** Like Grafana, adds the origin of the click. */
function tracked(path: string, extensionPoint: string): string {
  const origin = new URLSearchParams({ uel_pid: APP.id, uel_epid: extensionPoint });
  return `${path}${path.includes('?') ? '&' : '?'}${origin}`;
}
