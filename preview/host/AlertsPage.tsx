import { PluginExtensionPoints } from '@grafana/data';
import { getBackendSrv, locationService } from '@grafana/runtime';
import { Alert, Dropdown, IconButton, LoadingPlaceholder, Menu, Stack, Text } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { PROMETHEUS_DATASOURCE_UID } from '../../shared/grafana.ts';
import { useExtensionLinks } from './extensions/links.ts';
import { deepFrozen } from './extensions/readOnlyProxy.ts';

interface Instance {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: string;
  activeAt: string;
}

const ALERTS = `/api/datasources/proxy/uid/${PROMETHEUS_DATASOURCE_UID}/api/v1/alerts`;

/** The instances of Prometheus's alert rules, each with the menu of Grafana's alert instances. */
export function AlertsPage() {
  const [instances, setInstances] = useState<Instance[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    getBackendSrv()
      .get<{ data: { alerts: Instance[] } }>(ALERTS)
      .then(
        ({ data }) => setInstances(deepFrozen(data.alerts)),
        () => setProblem('Alerts need the Prometheus that loads the rules.'),
      );
  }, []);
  if (problem) return <Alert severity="info" title={problem} />;
  if (!instances) return <LoadingPlaceholder text="Asking Prometheus…" />;
  return (
    <Stack direction="column" gap={2}>
      <Text element="h1" variant="h3">
        Alerts
      </Text>
      {instances.length === 0 && <Text>No alert is pending or firing.</Text>}
      {instances.map((instance) => (
        <InstanceRow key={JSON.stringify(instance.labels)} instance={instance} />
      ))}
    </Stack>
  );
}

function InstanceRow({ instance }: { instance: Instance }) {
  const [context] = useState(() => ({ instance, rule: undefined }));
  const links = useExtensionLinks(PluginExtensionPoints.AlertInstanceAction, context);
  const name = instance.labels.alertname ?? 'Alert';
  const menu = (
    <Menu>
      {links.map(({ title, icon, path, onClick }) => (
        <Menu.Item
          key={title}
          label={title}
          icon={icon}
          // As in Grafana, a path is opened, and onClick is only called for links without a path.
          onClick={(event) => (path ? locationService.push(path) : onClick?.(event))}
        />
      ))}
    </Menu>
  );
  return (
    <section aria-label={name}>
      <Stack direction="row" gap={2} alignItems="center" wrap="wrap">
        <Text variant="h5">{name}</Text>
        <Text color="secondary">{instance.state}</Text>
        <Text>{instance.annotations.summary ?? ''}</Text>
        {links.length > 0 && (
          <Dropdown placement="bottom-start" overlay={menu}>
            <IconButton name="ellipsis-v" aria-label={`Actions of ${name}`} variant="secondary" />
          </Dropdown>
        )}
      </Stack>
    </section>
  );
}
