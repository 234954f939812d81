import { css } from '@emotion/css';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Field, FieldSet, Input, SecretInput, Text } from '@grafana/ui';
import type { RunsJsonData, RunsSecureJsonData } from '../types.ts';

type Props = DataSourcePluginOptionsEditorProps<RunsJsonData, RunsSecureJsonData>;

const DEFAULT_URL = 'http://127.0.0.1:9550';

const WIDTH = css({ maxWidth: 560 });

/** Settings for the URL and the token of the exporter. */
export function ConfigEditor({ options, onOptionsChange }: Props) {
  const { secureJsonFields, secureJsonData, url } = options;
  const setToken = (apiToken: string) =>
    onOptionsChange({ ...options, secureJsonData: { ...secureJsonData, apiToken } });
  const resetToken = () =>
    onOptionsChange({
      ...options,
      secureJsonFields: { ...secureJsonFields, apiToken: false },
      secureJsonData: { ...secureJsonData, apiToken: '' },
    });
  const problem = urlProblem(url);
  return (
    <FieldSet label="Exporter" className={WIDTH}>
      <Field
        label="URL"
        required
        description="The exporter’s address as the Grafana server reaches it, without a path. RUNBEAT_LISTEN sets the port."
        invalid={problem !== null}
        error={problem}
      >
        <Input
          id="runbeat-url"
          value={url}
          placeholder={DEFAULT_URL}
          onChange={(event) => onOptionsChange({ ...options, access: 'proxy', url: event.currentTarget.value.trim() })}
        />
      </Field>
      <Field
        label="API token"
        description="The exporter’s RUNBEAT_API_TOKEN. Leave it empty if the exporter has none. Grafana stores it encrypted and never sends it to a browser."
      >
        <SecretInput
          id="runbeat-token"
          isConfigured={Boolean(secureJsonFields?.apiToken)}
          value={secureJsonData?.apiToken ?? ''}
          placeholder="none"
          onChange={(event) => setToken(event.currentTarget.value)}
          onReset={resetToken}
        />
      </Field>
      <Text color="secondary" variant="bodySmall">
        “Save &amp; test” asks the exporter which databases it reads, and says what is wrong where it can’t.
      </Text>
    </FieldSet>
  );
}

/** Why a URL can't be that of an exporter; null if it can. */
export function urlProblem(url: string): string | null {
  if (!url) return `Enter the exporter’s URL, e.g. ${DEFAULT_URL}`;
  if (!/^https?:\/\//i.test(url)) return `The URL must start with http:// or https://, e.g. ${DEFAULT_URL}`;
  if (!URL.canParse(url)) return `This is not a valid URL. Example: ${DEFAULT_URL}`;
  return /\/(api|metrics)\b/.test(new URL(url).pathname) ? 'Remove the path: the plugin adds /api/v1 itself' : null;
}
