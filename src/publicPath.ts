import amdModule from 'amd-module';
import { APP_ID } from '../shared/grafana.ts';

// Grafana may serve plugins from a sub path or a CDN: lazy chunks lie beside the module, wherever it came from.
const uri = amdModule?.uri;
__webpack_public_path__ = uri ? uri.slice(0, uri.lastIndexOf('/') + 1) : `public/plugins/${APP_ID}/`;
