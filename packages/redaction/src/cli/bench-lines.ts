import { mail, ssn, usPhone } from '../evaluation/made-values.ts';
import { Random } from '../evaluation/random.ts';

/** Lines for measuring speed: 72 bytes each, ASCII, as transcripts and chats have them. */

const LINE_BYTES = 72;

const ORDINARY = [
  'thank you for calling how may i help you today with your account please',
  'i have been waiting for the technician since monday and nobody came here',
  'well one of the reasons is that the internet does not work in the office',
  'let me look that up for you it will take just a moment please stay there',
  'the delivery was supposed to be here at noon but it never really arrived',
  'Okay, I understand. Could you tell me what the router shows at the front?',
  'no that is fine i will call back tomorrow when my husband is home again',
  'So the last bill was higher than the two before, can you explain it to me',
];

function ofLength(text: string): string {
  return text.length >= LINE_BYTES ? text.slice(0, LINE_BYTES) : text.padEnd(LINE_BYTES, ' and so on');
}

function denseLine(random: Random): string {
  const digits = usPhone(random);
  const phone = `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)}`;
  const { local } = mail(random);
  const social = ssn(random);
  switch (random.whole(0, 3)) {
    case 0:
      return ofLength(`You can reach me at ${phone} or write to ${local}@example.com`);
    case 1:
      return ofLength(
        `my social is ${social.slice(0, 3)}-${social.slice(3, 5)}-${social.slice(5)} and the cell is ${digits}`,
      );
    case 2:
      return ofLength(
        `Please call (${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)} about the order from`,
      );
    default:
      return ofLength(`send the invoice to ${local}@mail.example.org and copy me on`);
  }
}

function ordinaryLine(random: Random): string {
  return ofLength(random.pick(ORDINARY));
}

/** @param every one line in so many holds personal data */
export function lines(count: number, every: number, seed = 7): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) =>
    i % every === 0 ? denseLine(random) : ordinaryLine(random),
  );
}
