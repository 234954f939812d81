// The compiler copies no SQL: the migrations go beside the code that applies them.
import { cpSync } from 'node:fs';

for (const service of ['scheduler', 'exporter']) {
  cpSync(`${service}/migrations`, `build/${service}/migrations`, { recursive: true });
}
