/** Grafana's own variables (grafana.com/docs: global variables) and what a query can be tried with in their place. */
const GLOBAL: Record<string, string> = { __range: '1h', __rate_interval: '1m', __interval: '30s' };

/** The expression with Grafana's variables filled in: everything selected, an hour of time. `used` names the dashboard's own. */
export function withoutVariables(expr: string): { expression: string; used: string[] } {
  const used: string[] = [];
  const expression = expr.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = (braced ?? bare)!;
    const global = GLOBAL[name];
    if (global) return global;
    used.push(name);
    return '.*';
  });
  return { expression, used: [...new Set(used)] };
}
