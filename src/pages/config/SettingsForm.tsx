import type { AppPluginMeta, TestDataSourceResponse } from '@grafana/data';
import { getBackendSrv, getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, Combobox, Field, Input, Stack } from '@grafana/ui';
import { useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { DATASOURCE_ID } from '../../../shared/grafana.ts';
import { completeSettings, type AppSettings } from '../../app/settings.ts';
import { Section } from '../../components/Section.tsx';
import { ExporterApi } from '../../data/exporterApi.ts';
import { testExporter } from '../../datasource/health.ts';

interface Outcome {
  severity: 'success' | 'error' | 'info';
  title: string;
}

/** Which data sources the pages read, and the lines that are promised. */
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
  const unusable = !(settings.flowSeconds > 0 && settings.transitionSeconds > 0);
  return (
    <Section title="Settings">
      <Field label="Runbeat data source" description="What the lookup, run, health and flows pages read." noMargin>
        <SourceChoice
          id="runs-uid"
          sources={getDataSourceSrv().getList({ pluginId: DATASOURCE_ID })}
          uid={settings.runsUid}
          onChange={(runsUid) => change({ runsUid })}
        />
      </Field>
      <Field label="Prometheus data source" description="The one that scrapes the exporter; for history." noMargin>
        <SourceChoice
          id="prometheus-uid"
          sources={getDataSourceSrv().getList({ type: 'prometheus' })}
          uid={settings.prometheusUid}
          onChange={(prometheusUid) => change({ prometheusUid })}
        />
      </Field>
      <Seconds
        id="flow-seconds"
        label="Flows are promised within"
        value={settings.flowSeconds}
        onChange={(flowSeconds) => change({ flowSeconds })}
      />
      <Seconds
        id="transition-seconds"
        label="Transitions are promised within"
        value={settings.transitionSeconds}
        onChange={(transitionSeconds) => change({ transitionSeconds })}
      />
      {outcome && <Alert severity={outcome.severity} title={outcome.title} />}
      <Stack direction="row" gap={1}>
        <Button disabled={busy || unusable} onClick={() => void during(() => save(meta, settings))}>
          Save
        </Button>
        <Button variant="secondary" disabled={busy} onClick={() => void during(() => test(settings.runsUid))}>
          Test the data source
        </Button>
      </Stack>
    </Section>
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
      placeholder={options.length > 0 ? 'Choose one' : 'There is none yet'}
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
    <Field label={label} invalid={wrong} error={wrong ? 'A number of seconds above 0' : undefined} noMargin>
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
  // The pages read their settings from what Grafana handed over when the app was loaded.
  window.location.reload();
  return { severity: 'success', title: 'Saved' };
}

async function test(uid: string): Promise<Outcome> {
  const source = getDataSourceSrv().getInstanceSettings(uid);
  if (!source?.url) return { severity: 'error', title: 'Choose a Runbeat data source first.' };
  return outcomeOf(await testExporter(new ExporterApi(source.url)));
}

function outcomeOf({ status, message }: TestDataSourceResponse): Outcome {
  return { severity: status === 'success' ? 'success' : 'error', title: message };
}

function failed(error: unknown): Outcome {
  const { data, statusText } = (error ?? {}) as { data?: { message?: string }; statusText?: string };
  return { severity: 'error', title: `Not saved: ${data?.message ?? statusText ?? 'Grafana did not say why'}` };
}
