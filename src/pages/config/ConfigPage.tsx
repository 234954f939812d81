import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data';
import { Stack } from '@grafana/ui';
import { useMemo } from 'react';
import { completeSettings, type AppSettings } from '../../app/settings.ts';
import { FirstSteps } from './FirstSteps.tsx';
import { SettingsForm } from './SettingsForm.tsx';

/** The app's configuration page for Admins. */
export function ConfigPage({ plugin }: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  const stored = useMemo(() => completeSettings(plugin.meta.jsonData), [plugin.meta.jsonData]);
  return (
    <Stack direction="column" gap={4}>
      <FirstSteps settings={stored} />
      <SettingsForm meta={plugin.meta} />
    </Stack>
  );
}
