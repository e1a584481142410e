import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { highPart, lowPart, microsOf, sumOfHighParts, sumOfLowParts } from './amount-parts.ts'

const MICROS = [0, 1, -1, 10 ** 12 - 1, 10 ** 12, -(10 ** 12), 1.5 * 10 ** 12, -1.5 * 10 ** 12, 10 ** 15, -(10 ** 15)]

describe('the two parts of an amount', () => {
  it('are the same to SQLite as here, and make up the amount', () => {
    const db = new DatabaseSync(':memory:')
    db.exec('CREATE TABLE amounts (micros INTEGER NOT NULL) STRICT')
    const insert = db.prepare('INSERT INTO amounts VALUES (?)')
    const parts = db.prepare(
      `SELECT ${sumOfLowParts('micros')} AS low, ${sumOfHighParts('micros')} AS high FROM amounts WHERE micros = ?`,
    )
    for (const micros of MICROS) {
      insert.run(micros)
      const { low, high } = parts.get(micros) as { low: number; high: number }
      assert.deepEqual([low, high], [lowPart(micros) + 0, highPart(micros) + 0])
      assert.equal(microsOf(low, high), BigInt(micros))
    }
    db.close()
  })

  it('are added up each by itself, also where the amounts have different signs', () => {
    const [low, high] = [lowPart, highPart].map((part) => MICROS.reduce((sum, micros) => sum + part(micros), 0))
    assert.equal(microsOf(low as number, high as number), BigInt(MICROS.reduce((sum, micros) => sum + micros, 0)))
  })
})
