// The compiler only copies code. This copies SQL, settings and the demo's Airflow next to the code that reads them.
import { cpSync } from 'node:fs';

for (const service of ['scheduler', 'exporter']) {
  cpSync(`${service}/migrations`, `build/${service}/migrations`, { recursive: true });
}
cpSync('cli/demo/promises.yaml', 'build/cli/demo/promises.yaml');
for (const folder of ['dags', 'airflow3.3']) {
  cpSync(`cli/demo/airflow/${folder}`, `build/cli/demo/airflow/${folder}`, { recursive: true });
}
