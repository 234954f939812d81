import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Folders a project may not import; the compiler's references say the same, lint says it with a reason. */
const fences = {
  shared: ['platform', 'scheduler', 'exporter', 'src', 'cli', 'dags', 'preview', 'observability'],
  platform: ['scheduler', 'exporter', 'src', 'cli', 'dags', 'preview', 'observability'],
  scheduler: ['exporter', 'src', 'cli', 'dags', 'preview', 'observability'],
  exporter: ['scheduler', 'src', 'cli', 'dags', 'preview', 'observability'],
  src: ['platform', 'scheduler', 'exporter', 'cli', 'dags', 'preview', 'observability'],
};

const fenceRules = Object.entries(fences).map(([folder, forbidden]) => ({
  files: [`${folder}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: forbidden.map((other) => ({
          group: [`../${other}/*`, `../**/${other}/*.ts`].filter(Boolean),
          message: `${folder}/ must not know ${other}/ (see docs/architecture.md).`,
        })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'node_modules/', '.runbeat/', 'artifacts/', '**/*.py'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      complexity: ['error', 15],
      eqeqeq: ['error', 'smart'],
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['cli/**', 'bench/**', 'preview/build*.ts', 'bin/**', 'provisioning/**', '**/*.config.*'],
    rules: { 'no-console': 'off' },
  },
  { files: ['src/**/*.{ts,tsx}'], plugins: { 'react-hooks': reactHooks }, rules: reactHooks.configs.recommended.rules },
  ...fenceRules,
  {
    files: ['{shared,platform,scheduler,exporter,src,preview,observability,cli,dags}/**/*.{ts,tsx}'],
    ignores: ['**/config.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config.ts reads settings (docs/architecture.md).' },
      ],
    },
  },
  {
    // The demo's DAGs have tables of their own, as a user's DAGs would.
    files: ['{shared,platform,scheduler,exporter,preview,cli}/**/*.ts'],
    // The queries of preview/host go to Grafana's data sources.
    ignores: ['platform/postgres/**', 'scheduler/store/**', 'exporter/{sources,index}/**', 'preview/host/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name="query"]',
          message: 'SQL belongs in scheduler/store, exporter/sources or exporter/index (docs/architecture.md).',
        },
      ],
    },
  },
);
