/** The reason for a failed request according to Grafana's server, a data source or the browser; undefined if none gives one. */
export function reasonOf(error: unknown): string | undefined {
  const { data, statusText, message } = (error ?? {}) as {
    data?: { message?: string };
    statusText?: string;
    message?: string;
  };
  return data?.message || message || statusText || undefined;
}
