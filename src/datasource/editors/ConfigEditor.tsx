import { css } from '@emotion/css';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Field, FieldSet, Input, SecretInput, Text } from '@grafana/ui';
import type { RunsJsonData, RunsSecureJsonData } from '../types.ts';

type Props = DataSourcePluginOptionsEditorProps<RunsJsonData, RunsSecureJsonData>;

const DEFAULT_URL = 'http://127.0.0.1:9550';

const WIDTH = css({ maxWidth: 560 });

/** URL and token of the exporter, with where to find them. */
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
        description="Where the Grafana server reaches the Runbeat exporter: the address of its RUNBEAT_LISTEN, without a path."
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
        description="The exporter's RUNBEAT_API_TOKEN; leave it empty where none is set. It is stored encrypted and never sent to a browser."
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

/** Why a URL can't be one of an exporter; null for one that may be, and for none yet. */
export function urlProblem(url: string): string | null {
  if (!url) return null;
  if (!/^https?:\/\//i.test(url)) return `Starts with http:// or https://, e.g. ${DEFAULT_URL}`;
  if (!URL.canParse(url)) return `Is no URL; one is e.g. ${DEFAULT_URL}`;
  return /\/(api|metrics)\b/.test(new URL(url).pathname) ? 'Without the path: the plugin adds /api/v1 itself' : null;
}
