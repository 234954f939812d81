import { getBackendSrv, locationService } from '@grafana/runtime';
import { Alert, LoadingPlaceholder, Stack, Text } from '@grafana/ui';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useLocation, useParams } from 'react-router';
import { useRefresh } from '../useRefresh.ts';
import { DashboardPanel } from './DashboardPanel.tsx';
import { placesOf, startingValues, type DashboardJson } from './model.ts';

/** A dashboard that the app includes, on Grafana's grid. Variables and time range are in the URL. */
export function DashboardPage() {
  const { uid = '' } = useParams();
  const [dashboard, setDashboard] = useState<DashboardJson | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    getBackendSrv()
      .get<{ dashboard: DashboardJson }>(`/api/dashboards/uid/${uid}`)
      .then(
        (answer) => {
          start(answer.dashboard);
          setDashboard(answer.dashboard);
        },
        () => setProblem(`The app does not include a dashboard ${uid}.`),
      );
  }, [uid]);
  if (problem) return <Alert severity="error" title={problem} />;
  if (!dashboard) return <LoadingPlaceholder text="Loading the dashboard…" />;
  return (
    <Stack direction="column" gap={2}>
      <Text element="h1" variant="h3">
        {dashboard.title}
      </Text>
      <Grid dashboard={dashboard} />
    </Stack>
  );
}

function Grid({ dashboard }: { dashboard: DashboardJson }) {
  const { search } = useLocation();
  const refreshed = useRefresh();
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  const places = placesOf(dashboard.panels, width, window.innerWidth);
  const height = Math.max(0, ...places.map((place) => place.top + place.height));
  return (
    <div ref={frame} style={{ position: 'relative', height }}>
      {width > 0 &&
        dashboard.panels.map((panel, at) => (
          <div key={panel.id} style={{ position: 'absolute', ...places[at] }}>
            <DashboardPanel panel={panel} place={places[at]!} variables={`${search} ${refreshed}`} />
          </div>
        ))}
    </div>
  );
}

/** Adds the default values of variables and the dashboard's time range to the URL if they are missing. */
function start(dashboard: DashboardJson): void {
  const present = locationService.getSearch();
  const wanted = {
    ...Object.fromEntries(Object.entries(startingValues(dashboard)).map(([name, value]) => [`var-${name}`, value])),
    ...dashboard.time,
  };
  const missing = Object.entries(wanted).filter(([name]) => !present.has(name));
  if (missing.length > 0) locationService.partial(Object.fromEntries(missing), true);
}
