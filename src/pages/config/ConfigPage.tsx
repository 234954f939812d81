import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data';
import { Stack } from '@grafana/ui';
import type { AppSettings } from '../../app/settings.ts';
import { FirstSteps } from './FirstSteps.tsx';
import { SettingsForm } from './SettingsForm.tsx';

/** The app's configuration, for an Admin. */
export function ConfigPage({ plugin }: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  return (
    <Stack direction="column" gap={4}>
      <FirstSteps />
      <SettingsForm meta={plugin.meta} />
    </Stack>
  );
}
