/** An address on one line. */
export const addressLine = (address: { name: string; street: string; postcode: string; city: string; country: string }) =>
  [address.name, address.street, `${address.postcode} ${address.city}`, address.country].filter((part) => part !== "").join(", ");

/** Whether what was captured covers the order. */
export function settled(payments: readonly { state: string; amountMinor: number }[], totalMinor: number) {
  const captured = payments.filter((payment) => payment.state === "captured").reduce((sum, payment) => sum + payment.amountMinor, 0);
  return captured >= totalMinor;
}
