import { z } from 'zod';
import { ENDPOINTS, type Endpoint } from './endpoints.ts';
import { isRepeated, type Shape } from './parameters.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';
import { problem } from './schemas.ts';

type Json = Record<string, unknown>;

/** OpenAPI 3.1 document, generated from the schemas that validate requests and, in the tests, responses. */
export function openApi(version: string): Json {
  const paths = Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint.path, { get: operationOf(endpoint) }]));
  return {
    openapi: '3.1.0',
    info: { title: 'Runbeat exporter', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ bearer: [] }],
  };
}

function operationOf(endpoint: Endpoint): Json {
  return {
    operationId:
      endpoint.path
        .split('/')
        .filter((part) => !part.startsWith('{'))
        .slice(3)
        .join('_') + (endpoint.path.includes('{') ? '_of_run' : ''),
    summary: endpoint.summary,
    parameters: [...parametersOf(endpoint.parts, 'path'), ...parametersOf(endpoint.query, 'query')],
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: jsonSchema(endpoint.response, 'output') } } },
      ...problemResponses(),
    },
  };
}

function parametersOf(parameters: z.ZodObject, place: 'path' | 'query'): Json[] {
  return Object.entries(parameters.shape as Shape).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !schema.safeParse(undefined).success,
    schema: parameterSchema(schema),
    ...(isRepeated(schema) ? { explode: true, style: 'form' } : {}),
  }));
}

function parameterSchema(schema: z.ZodType): Json {
  if (isRepeated(schema)) return { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 100 };
  const { type, ...rest } = jsonSchema(schema, 'input');
  return { type: type ?? 'string', ...rest };
}

function problemResponses(): Json {
  const codes: ProblemCode[] = ['invalid_request', 'unauthorized', 'not_found', 'internal', 'source_unreachable'];
  return Object.fromEntries(
    codes.map((code) => [
      PROBLEMS[code].status,
      {
        description: PROBLEMS[code].title,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _version, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}
