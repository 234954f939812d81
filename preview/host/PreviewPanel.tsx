import {
  applyFieldOverrides,
  EventBusSrv,
  LoadingState,
  type DataQuery,
  type FieldConfigSource,
  type PanelPlugin,
  type PanelPluginMeta,
  type ScopedVars,
} from '@grafana/data';
import { config, getTemplateSrv } from '@grafana/runtime';
import { Alert, PanelChrome } from '@grafana/ui';
import { useMemo, useRef, useState, useLayoutEffect } from 'react';
import { PanelMenu } from './extensions/PanelMenu.tsx';
import { deepFrozen } from './extensions/readOnlyProxy.ts';
import { metaOf } from './meta.ts';
import { useQueries } from './query.ts';
import { rangeOfUrl } from './rangeOfUrl.ts';
import { usePlugin } from './usePlugin.ts';

interface Props {
  pluginId: string;
  title: string;
  targets: readonly DataQuery[];
  /** Changes when variables or the time range change. */
  variables: string;
  height: number;
  options?: Record<string, unknown>;
  /** Variables of a repeated panel, which override those of the dashboard. */
  scopedVars?: ScopedVars;
}

const NO_VARS: ScopedVars = {};
const FIELD_CONFIG: FieldConfigSource = { defaults: {}, overrides: [] };

/** One of our panels as on a dashboard: the frames of its query with field overrides, in Grafana's panel frame. */
export function PreviewPanel({ pluginId, title, targets, variables, height, options, scopedVars = NO_VARS }: Props) {
  const prepare = useMemo(
    () => (plugin: PanelPlugin) => {
      plugin.meta = metaOf<PanelPluginMeta>(pluginId);
    },
    [pluginId],
  );
  const plugin = usePlugin<PanelPlugin>(pluginId, prepare);
  const answer = useQueries(targets, variables, scopedVars);
  const data = useMemo(() => ({ ...answer, series: applied(answer.series) }), [answer]);
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  const Panel = plugin?.panel;
  // As in Grafana: a panel is drawn once its first answer is there, and stays while the next one is on its way.
  const [isAnswered, setAnswered] = useState(false);
  if (!isAnswered && data.state !== LoadingState.Loading) setAnswered(true);
  const menu = useMemo(
    () => <PanelMenu context={contextOf({ pluginId, title, targets, scopedVars })} />,
    [pluginId, title, targets, variables, scopedVars],
  );
  const problem = data.errors?.[0]?.message;
  return (
    <section ref={frame} style={{ height: problem ? undefined : height }} aria-label={title}>
      {problem && <Alert severity="error" title={problem} />}
      {width > 0 && (
        <PanelChrome title={title} width={width} height={height} loadingState={data.state} menu={menu}>
          {(innerWidth, innerHeight) =>
            Panel && isAnswered ? (
              <Panel
                id={1}
                title={title}
                transparent={false}
                data={data}
                width={innerWidth}
                height={innerHeight}
                timeRange={data.timeRange}
                timeZone={config.bootData.user.timezone}
                options={{ ...plugin.defaults, ...options }}
                fieldConfig={FIELD_CONFIG}
                renderCounter={0}
                eventBus={EVENTS}
                replaceVariables={(text, more, format) =>
                  getTemplateSrv().replace(text, { ...scopedVars, ...more }, format)
                }
                onOptionsChange={() => {}}
                onFieldConfigChange={() => {}}
                onChangeTimeRange={() => {}}
              />
            ) : null
          }
        </PanelChrome>
      )}
    </section>
  );
}

const EVENTS = new EventBusSrv();

/** The context of a panel that Grafana passes to extensions. */
function contextOf(panel: Pick<Props, 'pluginId' | 'title' | 'targets'> & { scopedVars: ScopedVars }): object {
  const { pluginId, title, targets, scopedVars } = panel;
  return {
    ...deepFrozen({ id: 1, pluginId, title, timeZone: config.bootData.user.timezone }),
    timeRange: deepFrozen({ ...rangeOfUrl().raw }),
    dashboard: deepFrozen({ uid: 'preview', title: 'Preview', tags: ['preview'] }),
    targets: deepFrozen(structuredClone(targets)),
    scopedVars: deepFrozen(structuredClone(scopedVars)),
  };
}

function applied(series: Parameters<typeof applyFieldOverrides>[0]['data']) {
  return applyFieldOverrides({
    data: series,
    fieldConfig: FIELD_CONFIG,
    replaceVariables: (text, scopedVars, format) => getTemplateSrv().replace(text, scopedVars, format),
    theme: config.theme2,
    timeZone: config.bootData.user.timezone,
  });
}
