import type { CallRecord } from '../../record/call-record.ts'
import { callingCodeAt } from '../../record/calling-codes.ts'
import type { NectarDeskContact, NectarDeskNumber } from './schema.ts'

type Sides = Pick<CallRecord, 'center' | 'direction' | 'from' | 'to' | 'did' | 'outboundCallerId'>

/**
 * Whom the account spoke with: as the contact centre told, else the caller of an inbound call and whom any other call
 * went to, without an id. Null where neither number nor name is known.
 */
export function contactOf(call: Sides): NectarDeskContact | null {
  const told = call.center?.contact ?? null
  if (told !== null) {
    const split = splitNumber(told.number)
    return {
      id: told.id,
      full_name: told.fullName,
      number_country_code: told.countryCode ?? split.countryCode,
      national_number: told.nationalNumber ?? split.national,
      number: split.digits,
      list_ids: [...told.listIds],
    }
  }
  const { number, name } = call.direction === 'inbound' ? call.from : call.to
  if (number === null && name === null) return null
  const { countryCode, national, digits } = splitNumber(number)
  return {
    id: null,
    full_name: name,
    number_country_code: countryCode,
    national_number: national,
    number: digits,
    list_ids: [],
  }
}

/** The account's own number: as the contact centre told, else the one dialled in on, or shown to whom was called. */
export function ownNumberOf(call: Sides): NectarDeskNumber | null {
  const { center, direction, from, to, did, outboundCallerId } = call
  const told = center?.number ?? null
  if (told !== null) return ownNumber(told)
  const number = did ?? (direction === 'inbound' ? to.number : (outboundCallerId ?? from.number))
  return number === null ? null : ownNumber({ id: null, number, alias: null })
}

function ownNumber({ id, number, alias }: { id: number | null; number: string; alias: string | null }) {
  const digits = withoutPlus(number)
  return { id, number: digits, numberWithAlias: alias === null ? digits : `${digits} (${alias})`, alias }
}

/** `+442079460102` -> 44 and 2079460102. A number that is not international has neither, and stays as it is. */
function splitNumber(number: string | null): {
  digits: string | null
  countryCode: string | null
  national: string | null
} {
  if (number === null) return { digits: null, countryCode: null, national: null }
  const digits = withoutPlus(number)
  const code = digits === number ? null : callingCodeAt(digits, 0)
  if (code === null) return { digits, countryCode: null, national: null }
  return { digits, countryCode: code.digits, national: digits.slice(code.digits.length) }
}

function withoutPlus(number: string): string {
  return /^\+\d+$/.test(number) ? number.slice(1) : number
}
