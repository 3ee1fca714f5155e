import { dateTime, groupBy, keyBy, money, t, view } from "frontdesk";
import { backoffice } from "frontdesk/services";
import { addressLine, settled } from "../shapes/order.ts";

export default view("GET /admin/v1/orders", {
  summary: "One page of orders with everything that hangs on them, from twelve tables; every foreign key is kept",
  input: {
    page: t.integer().min(1).max(10000).default(1),
    pageSize: t.integer().min(1).max(50).default(20),
    status: t.enum(["placed", "paid", "shipped", "delivered", "cancelled"]).optional(),
  },
  budget: { latency: "1800ms", payload: "256KB" },

  load: ({ page, pageSize, status }, { session: { locale } }) => {
    const orders = backoffice.listOrders({ page, pageSize, status });
    const orderIds = orders.items.map((order) => order.id);
    const lines = backoffice.listOrderLines({ orderIds, pageSize: 500 });
    const payments = backoffice.listPayments({ orderIds, pageSize: 500 });
    const shipments = backoffice.listShipments({ orderIds, pageSize: 500 });
    const returns = backoffice.listReturns({ orderIds, pageSize: 500 });
    const audit = backoffice.listAuditEntries({ orderIds, pageSize: 500 }, { within: "400ms", optional: true });
    const customers = backoffice.listCustomers({ ids: orders.items.map((order) => order.customerId), pageSize: 500 });
    const addresses = backoffice.listAddresses({
      ids: orders.items.flatMap((order) => [order.shippingAddressId, order.billingAddressId]),
      pageSize: 500,
    });
    const products = backoffice.listProducts({ ids: lines.items.map((line) => line.productId), pageSize: 500 });
    const sellers = backoffice.listSellers({ ids: products.items.map((product) => product.sellerId), pageSize: 500 });
    const refunds = backoffice.listRefunds({ paymentIds: payments.items.map((payment) => payment.id), pageSize: 500 });
    const codes = orders.items.flatMap((order) => (order.couponCode === null ? [] : [order.couponCode]));
    const coupons = codes.length > 0 ? backoffice.listCoupons({ ids: codes, pageSize: 500 }) : null;

    const customer = keyBy(customers.items, (row) => row.id);
    const address = keyBy(addresses.items, (row) => row.id);
    const product = keyBy(products.items, (row) => row.id);
    const linesOf = groupBy(lines.items, (line) => line.orderId);
    const auditOf = groupBy(audit?.items ?? [], (entry) => entry.orderId);

    return {
      page: orders.page,
      complete: audit !== null,
      orders: orders.items.map((order) => {
        const paid = payments.items.filter((payment) => payment.orderId === order.id);
        const shipping = address[order.shippingAddressId];
        return {
          ...order,
          total: money(order.totalMinor, order.currency, locale),
          placed: dateTime(order.placedAt, locale, { date: "short", time: "short", timeZone: "UTC" }),
          customer: customer[order.customerId] ?? null,
          shippingAddress: shipping ? { id: shipping.id, line: addressLine(shipping) } : null,
          billingAddress: address[order.billingAddressId] ?? null,
          coupon: coupons?.items.find((coupon) => coupon.id === order.couponCode) ?? null,
          lines: (linesOf[order.id] ?? []).map((line) => {
            const item = product[line.productId];
            const seller = sellers.items.find((row) => row.id === item?.sellerId);
            return {
              ...line,
              title: item?.title ?? "Unknown product",
              sku: item?.sku ?? null,
              sellerId: item?.sellerId ?? null,
              seller: seller?.name ?? null,
              total: money(line.totalMinor, order.currency, locale),
              return: returns.items.find((row) => row.orderLineId === line.id) ?? null,
            };
          }),
          payments: paid.map((payment) => ({
            ...payment,
            refunds: refunds.items.filter((refund) => refund.paymentId === payment.id),
          })),
          settled: settled(paid, order.totalMinor),
          shipments: shipments.items.filter((shipment) => shipment.orderId === order.id),
          history: (auditOf[order.id] ?? []).map(({ id, actor, action, at, before, after }) => ({
            id,
            at,
            text: before === null ? `${actor}: ${action} ${after ?? ""}`.trim() : `${actor}: ${action} ${before} → ${after ?? "–"}`,
          })),
        };
      }),
    };
  },
});
