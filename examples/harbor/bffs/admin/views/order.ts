import { money, t, view } from "frontdesk";
import { backoffice } from "frontdesk/services";
import { addressLine, settled } from "../shapes/order.ts";

export default view("GET /admin/v1/orders/{orderId}", {
  summary: "One order",
  input: { orderId: t.string().max(32) },
  budget: { latency: "1s", payload: "64KB" },

  load: ({ orderId }, { session: { locale } }) => {
    const order = backoffice.getOrder({ orderId });
    const lines = backoffice.listOrderLines({ orderIds: [orderId], pageSize: 500 });
    const payments = backoffice.listPayments({ orderIds: [orderId] });
    const addresses = backoffice.listAddresses({ ids: [order.shippingAddressId, order.billingAddressId] });
    const coupons = order.couponCode === null ? null : backoffice.listCoupons({ ids: [order.couponCode] });
    const shippedTo = addresses.items.find((address) => address.id === order.shippingAddressId);

    return {
      ...order,
      total: money(order.totalMinor, order.currency, locale),
      coupon: coupons?.items[0] ?? null,
      shippedTo: shippedTo ? addressLine(shippedTo) : null,
      lines: lines.items.map(({ orderId: _orderId, ...line }) => line),
      payments: payments.items,
      settled: settled(payments.items, order.totalMinor),
    };
  },
});
