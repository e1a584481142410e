import type { CallRecord } from '../../record/call-record.ts'
import type { Expr } from '../../store/query.ts'

export const STIR_VERIFICATIONS = ['Verified', 'Not Verified', 'Not Applicable'] as const
export type StirVerification = (typeof STIR_VERIFICATIONS)[number]

const STATED = { verified: 'Verified', not_verified: 'Not Verified', not_applicable: 'Not Applicable' } as const

/**
 * What Plivo says of a call's signature. Source: its "STIR/SHAKEN" page: Verified is attestation A; Not Verified is B
 * or C, or a call that is not signed; Not Applicable is a call to a number outside the US. What the source stated
 * comes first, then the attestation, then the country called.
 */
export function stirVerification({ stir, to }: Pick<CallRecord, 'stir' | 'to'>): StirVerification {
  if (stir.verification !== null) return STATED[stir.verification]
  if (stir.attestation !== null) return stir.attestation === 'A' ? 'Verified' : 'Not Verified'
  return to.country === 'US' ? 'Not Verified' : 'Not Applicable'
}

/** The calls of which `stirVerification` says this. */
export function whereStir(shown: StirVerification): Expr {
  const stated = (value: string): Expr => ({ op: 'eq', field: 'stir.verification', value })
  const unstated = (of: Expr[]): Expr => ({
    op: 'and',
    of: [{ op: 'eq', field: 'stir.verification', value: null }, ...of],
  })
  const unsigned: Expr = { op: 'eq', field: 'stir.attestation', value: null }
  const american: Expr = { op: 'eq', field: 'to.country', value: 'US' }
  const either = (...of: Expr[]): Expr => ({ op: 'or', of })
  switch (shown) {
    case 'Verified':
      return either(stated('verified'), unstated([{ op: 'eq', field: 'stir.attestation', value: 'A' }]))
    case 'Not Verified':
      return either(
        stated('not_verified'),
        unstated([{ op: 'in', field: 'stir.attestation', values: ['B', 'C'] }]),
        unstated([unsigned, american]),
      )
    case 'Not Applicable':
      return either(stated('not_applicable'), unstated([unsigned, { op: 'not', of: american }]))
  }
}
