import type { ProxyRoute } from '../plugin/folders.ts';

const RANKS = ['Viewer', 'Editor', 'Admin'];

export type RouteDecision =
  | { allowed: true; headers: Record<string, string> }
  /** A route matches the path, but this role may not use it. */
  | { allowed: false };

/**
 * Determines what Grafana's data source proxy does with a request (pkg/api/pluginproxy/ds_proxy.go): the first route that matches method and
 * path prefix determines role and headers. A path without a route is forwarded unchanged.
 */
export function decide(
  routes: readonly ProxyRoute[],
  request: { method: string; path: string; role: string },
  secrets: Readonly<Record<string, string>>,
): RouteDecision {
  const route = routes.find((candidate) => matches(candidate, request));
  if (!route) return { allowed: true, headers: {} };
  if (route.reqRole && RANKS.indexOf(request.role) < RANKS.indexOf(route.reqRole)) return { allowed: false };
  const headers = (route.headers ?? []).map(({ name, content }) => [name, fillTemplate(content, secrets)] as const);
  return { allowed: true, headers: Object.fromEntries(headers.filter(([, value]) => value !== '')) };
}

function matches(route: ProxyRoute, { method, path }: { method: string; path: string }): boolean {
  const anyMethod = !route.method || route.method === '*';
  return (anyMethod || route.method === method) && path.replace(/^\/+/, '').startsWith(route.path);
}

const CONDITION = /\{\{\s*if \.SecureJsonData\.(\w+)\s*\}\}(.*?)\{\{\s*end\s*\}\}/g;
const VALUE = /\{\{\s*\.SecureJsonData\.(\w+)\s*\}\}/g;

/** Fills in the part of Go's text/template that plugin.json uses: a secret, and a condition on one. */
export function fillTemplate(content: string, secrets: Readonly<Record<string, string>>): string {
  const filled = content
    .replace(CONDITION, (_, name: string, inner: string) => (secrets[name] ? inner : ''))
    .replace(VALUE, (_, name: string) => secrets[name] ?? '<no value>');
  if (filled.includes('{{')) throw new Error(`The preview does not know the template ${content}`);
  return filled;
}
