import { bff } from "frontdesk";

export default bff({
  client: "ios",
  errors: {
    CartEmpty: { status: 409 },
    cart_empty: { status: 200 },
    cart_gone: { title: "Gone" },
    cart_odd: { status: 409, titel: "Odd" },
    not_found: { status: 404 },
    "basket.getBaskt:404": "not_found",
    "baskt.getBasket:404": "not_found",
    "basket.getBasket:40x": "not_found",
    "basket.getBasket:204": "not_found",
    "basket.getBasket:404": "not_fond",
    "shop.getProduct:404": { status: 404 },
    "shop:404": 404,
  },
});
