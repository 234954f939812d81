import { config } from '@grafana/runtime';

/**
 * Encodes an address for a data link. Grafana decodes the address of a link twice when it checks it, so that a run id with a `+` would
 * arrive with a space instead. It does not if the check is turned off (`disable_sanitize_html`).
 */
export function protectLink(url: string): string {
  return config.disableSanitizeHtml ? url : url.replaceAll('%', '%2525');
}

/** The address that was protected, for links that Grafana does not check. */
export function plainLink(url: string | null): string | null {
  return url && url.replaceAll('%2525', '%');
}
