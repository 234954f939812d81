import { locationUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { useLayoutEffect, useState, type ReactNode } from 'react';
import { Router, type Navigator } from 'react-router';

/** A v6 router that uses Grafana's browser history, so that `locationService` and links in pages change the same URL. */
export function HistoryRouter({ children }: { children: ReactNode }) {
  const history = locationService.getHistory();
  const [location, setLocation] = useState(history.location);
  useLayoutEffect(() => history.listen((next: typeof location) => setLocation(next)), [history]);
  return (
    <Router location={{ ...location, key: location.key ?? 'default' }} navigator={navigator}>
      {children}
    </Router>
  );
}

const navigator: Navigator = {
  createHref: (to) =>
    locationUtil.assureBaseUrl(typeof to === 'string' ? to : `${to.pathname ?? ''}${to.search ?? ''}${to.hash ?? ''}`),
  go: (steps) => locationService.getHistory().go(steps),
  push: (to, state) => locationService.getHistory().push(typeof to === 'string' ? to : { ...to, state }),
  replace: (to, state) => locationService.getHistory().replace(typeof to === 'string' ? to : { ...to, state }),
};

/** Like Grafana, turns clicks on plain internal links into navigation without a reload. */
export function interceptLinks(): void {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest('a');
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.defaultPrevented;
    if (!link || !plain || link.target || link.download || link.origin !== window.location.origin) return;
    if (link.hasAttribute('data-reload')) return;
    event.preventDefault();
    locationService.push(locationUtil.stripBaseFromUrl(`${link.pathname}${link.search}${link.hash}`));
  });
}
