/** Grafana's global variables (grafana.com/docs), with values for testing queries. */
const GLOBAL: Record<string, string> = { __range: '1h', __rate_interval: '1m', __interval: '30s' };

/** Fills in Grafana's variables: everything selected, one hour of time. `used` lists the variables of the dashboard. */
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
