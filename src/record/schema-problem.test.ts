import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { schemaProblems } from './schema-problem.ts'

const Closed = { additionalProperties: false } as const
const schema = Compile(
  Type.Object(
    {
      name: Type.String({ maxLength: 3 }),
      country: Type.Optional(Type.Union([Type.String({ pattern: '^[A-Z]{2}$' }), Type.Null()])),
      rules: Type.Optional(Type.Array(Type.Object({ match: Type.Enum(['did', 'peer']) }, Closed))),
    },
    Closed,
  ),
)
const words = { whole: 'body', unknown: 'is not known' }

const cases: { value: unknown; problems: [string, string][] }[] = [
  { value: { name: 'a', country: null, rules: [] }, problems: [] },
  { value: null, problems: [['body', 'must be object']] },
  { value: {}, problems: [['name', 'is required']] },
  { value: { name: 'abcd' }, problems: [['name', 'must not have more than 3 characters']] },
  { value: { name: 'a', country: 'x' }, problems: [['country', 'must match pattern "^[A-Z]{2}$" or be null']] },
  { value: { name: 'a', rules: [{ match: 'did' }, {}] }, problems: [['rules[1].match', 'is required']] },
  { value: { name: 'a', rules: [{ match: 'x' }] }, problems: [['rules[0].match', 'must be one of did, peer']] },
  {
    value: { name: 'a', b: 1, 'c/d~e': 2, rules: [{ match: 'did', note: '' }] },
    problems: [
      ['rules[0].note', 'is not known'],
      ['b', 'is not known'],
      ['c/d~e', 'is not known'],
    ],
  },
]
for (const { value, problems } of cases) {
  it(`finds in ${JSON.stringify(value)} ${problems.length} problems`, () => {
    const found = schemaProblems(schema.Errors(value), words).map(({ field, why }) => [field, why])
    assert.deepEqual(found.sort(), [...problems].sort())
  })
}

it('cuts an endless name', () => {
  const [problem] = schemaProblems(schema.Errors({ name: 'a', ['x'.repeat(10_000)]: 1 }), words)
  assert.equal(problem?.field.length, 200)
})
