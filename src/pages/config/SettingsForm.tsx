import type { AppPluginMeta } from '@grafana/data';
import { getBackendSrv, getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, Combobox, Field, Input, Stack, TextArea } from '@grafana/ui';
import { useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { DATASOURCE_ID } from '../../../shared/grafana.ts';
import { prometheusSources } from '../../app/prometheusSource.ts';
import { completeSettings, type AppSettings } from '../../app/settings.ts';
import { reasonOf } from '../../components/reasonOf.ts';
import { Section } from '../../components/Section.tsx';
import {
  DEFAULT_TRACE_QUERY,
  EXAMPLE_LOG_QUERY,
  LOG_PLACEHOLDERS,
  placeholderList,
  templateProblem,
  TRACE_PLACEHOLDERS,
} from '../../explore/template.ts';
import { checkExporter, checkPrometheus } from './checks.ts';

interface Outcome {
  severity: 'success' | 'error' | 'info';
  title: string;
}

/** Settings for the data sources of the pages, and for what they show as slow. */
export function SettingsForm({ meta }: { meta: AppPluginMeta<AppSettings> }) {
  const [settings, setSettings] = useState(completeSettings(meta.jsonData));
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<AppSettings>) => setSettings({ ...settings, ...part });
  const during = async (work: () => Promise<Outcome>) => {
    setBusy(true);
    setOutcome(await work().catch(failed));
    setBusy(false);
  };
  const isUsable =
    settings.transitionSeconds > 0 &&
    templateProblem(settings.logsQuery, LOG_PLACEHOLDERS) === null &&
    templateProblem(settings.tracesQuery, TRACE_PLACEHOLDERS) === null;
  return (
    <Section title="Settings">
      <Field label="Runbeat data source" description="The source of all data on the app’s pages." noMargin>
        <SourceChoice
          id="runs-uid"
          sources={getDataSourceSrv().getList({ pluginId: DATASOURCE_ID })}
          uid={settings.runsUid}
          onChange={(runsUid) => change({ runsUid })}
        />
      </Field>
      <Field
        label="Prometheus data source"
        description="The Prometheus that scrapes the exporter. Needed for charts over time."
        noMargin
      >
        <SourceChoice
          id="prometheus-uid"
          sources={prometheusSources()}
          uid={settings.prometheusUid}
          onChange={(prometheusUid) => change({ prometheusUid })}
        />
      </Field>
      <Seconds
        id="transition-seconds"
        label="Transitions are slow above"
        value={settings.transitionSeconds}
        onChange={(transitionSeconds) => change({ transitionSeconds })}
      />
      <Field label="Log data source" description="Optional: Loki or another data source with the task logs." noMargin>
        <SourceChoice
          id="logs-uid"
          sources={getDataSourceSrv().getList({ logs: true, filter: ({ type }) => type !== DATASOURCE_ID })}
          uid={settings.logsUid}
          onChange={(logsUid) => change({ logsUid })}
        />
      </Field>
      <QueryTemplate
        id="logs-query"
        label="Log query"
        description="Finds the log of one try."
        placeholders={LOG_PLACEHOLDERS}
        example={EXAMPLE_LOG_QUERY}
        value={settings.logsQuery}
        onChange={(logsQuery) => change({ logsQuery })}
      />
      <Field
        label="Trace data source"
        description="Optional: Tempo or another data source with the traces of an Airflow 3."
        noMargin
      >
        <SourceChoice
          id="traces-uid"
          sources={getDataSourceSrv().getList({ tracing: true })}
          uid={settings.tracesUid}
          onChange={(tracesUid) => change({ tracesUid })}
        />
      </Field>
      <QueryTemplate
        id="traces-query"
        label="Trace query"
        description="Finds one trace."
        placeholders={TRACE_PLACEHOLDERS}
        example={DEFAULT_TRACE_QUERY}
        value={settings.tracesQuery}
        onChange={(tracesQuery) => change({ tracesQuery })}
      />
      {outcome && <Alert severity={outcome.severity} title={outcome.title} />}
      <Stack direction="row" gap={1}>
        <Button disabled={busy || !isUsable} onClick={() => void during(() => testAndSave(meta, settings))}>
          Save and test
        </Button>
        {outcome?.severity === 'error' && (
          <Button
            variant="secondary"
            disabled={busy || !isUsable}
            onClick={() => void during(() => save(meta, settings))}
          >
            Save anyway
          </Button>
        )}
      </Stack>
    </Section>
  );
}

interface QueryTemplateProps {
  id: string;
  label: string;
  description: string;
  placeholders: readonly string[];
  example: string;
  value: string;
  onChange: (value: string) => void;
}

function QueryTemplate({ id, label, description, placeholders, example, value, onChange }: QueryTemplateProps) {
  const problem = templateProblem(value, placeholders);
  return (
    <Field
      label={label}
      description={`${description} Placeholders: ${placeholderList(placeholders)}`}
      invalid={problem !== null}
      error={problem}
      noMargin
    >
      <TextArea
        id={id}
        rows={2}
        value={value}
        placeholder={example}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </Field>
  );
}

interface SourceChoiceProps {
  id: string;
  sources: readonly { uid: string; name: string }[];
  uid: string;
  onChange: (uid: string) => void;
}

function SourceChoice({ id, sources, uid, onChange }: SourceChoiceProps) {
  const options = sources.map((source) => ({ value: source.uid, label: source.name }));
  return (
    <Combobox
      id={id}
      width={40}
      options={options}
      value={options.find((option) => option.value === uid)?.value ?? null}
      placeholder={options.length > 0 ? 'Choose one' : 'None yet'}
      onChange={({ value }) => onChange(value)}
    />
  );
}

interface SecondsProps {
  id: string;
  label: string;
  value: number;
  onChange: (value: number) => void;
}

function Seconds({ id, label, value, onChange }: SecondsProps) {
  const [text, setText] = useState(String(value));
  const wrong = !(Number(text) > 0);
  return (
    <Field label={label} invalid={wrong} error={wrong ? 'Enter a number of seconds above 0' : undefined} noMargin>
      <Input
        id={id}
        width={16}
        suffix="s"
        inputMode="decimal"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          onChange(Number(event.currentTarget.value));
        }}
      />
    </Field>
  );
}

async function save(meta: AppPluginMeta<AppSettings>, jsonData: AppSettings): Promise<Outcome> {
  const { id, enabled, pinned } = meta;
  await lastValueFrom(
    getBackendSrv().fetch({
      url: `/api/plugins/${id}/settings`,
      method: 'POST',
      data: { enabled, pinned, jsonData },
      showErrorAlert: false,
      showSuccessAlert: false,
    }),
  );
  // The pages read the settings that Grafana passed when the app was loaded.
  window.location.reload();
  return { severity: 'success', title: 'Saved' };
}

/** Tests the settings, and saves them only if they work. */
async function testAndSave(meta: AppPluginMeta<AppSettings>, settings: Required<AppSettings>): Promise<Outcome> {
  const checks = await Promise.all([checkExporter(settings), ...(hasPrometheus() ? [checkPrometheus(settings)] : [])]);
  const wrong = checks.filter(({ ok }) => !ok).map(({ words }) => words);
  return wrong.length > 0 ? { severity: 'error', title: `Not saved. ${wrong.join(' ')}` } : save(meta, settings);
}

/** Working without Prometheus, and thus without charts over time, is a valid choice. */
function hasPrometheus(): boolean {
  return prometheusSources().length > 0;
}

function failed(error: unknown): Outcome {
  return { severity: 'error', title: `Not saved: ${reasonOf(error) ?? 'Grafana gave no reason'}` };
}
