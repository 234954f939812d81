import type { HostPluginJson } from './boot.ts';

/** The entry of an app in Grafana's navigation. */
export interface NavEntry {
  text: string;
  url: string;
  children: { text: string; url: string; icon: string | undefined }[];
}

const RANKS = ['None', 'Viewer', 'Editor', 'Admin'];

/** Whether an organisation role includes another one, as in Grafana without fine-grained access control. */
export function hasRole(role: string, required: string | undefined): boolean {
  return !required || RANKS.indexOf(role) >= RANKS.indexOf(required);
}

/**
 * Builds the navigation from an app's `includes`, as Grafana's server does: pages with `addToNav` that the role may see, below an entry that
 * links to the default page. The default page itself is not listed again.
 */
export function navigationOf({ id, name, includes = [] }: HostPluginJson, role: string): NavEntry {
  const listed = includes.filter(
    (include) =>
      (include.type === 'page' || include.type === 'dashboard') && include.addToNav && hasRole(role, include.role),
  );
  const children = listed.flatMap((include) => {
    const url = urlOf(include);
    return url ? [{ text: include.name, url, icon: include.icon }] : [];
  });
  const home = listed.find((include) => include.type === 'page' && include.defaultNav)?.path ?? `/a/${id}`;
  return { text: name, url: home, children: children.filter(({ url }) => url !== home) };
}

function urlOf({ type, path, uid }: NonNullable<HostPluginJson['includes']>[number]): string | undefined {
  if (type === 'page') return path;
  return uid ? `/d/${uid}` : undefined;
}

/** The entry of a page in `includes`, which contains the required role. */
export function pageAt({ includes = [] }: HostPluginJson, pathname: string) {
  return includes.find(({ type, path }) => type === 'page' && path === pathname.replace(/\/+$/, ''));
}
