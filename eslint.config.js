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
);
