//! Names of columns in common exports: letters and digits only, in lower case, the most telling first.
//!
//! CDNOW; UCI Online Retail (InvoiceDate, CustomerID, Quantity, UnitPrice) and its second edition (Price); Shopify (Name, Email,
//! Created at, Total, Lineitem quantity, Lineitem price); WooCommerce (date_created, billing_email, order_total); Stripe (Created (UTC),
//! Customer ID, Amount); Amazon (order-id, purchase-date, item-price); Magento (Increment ID, Grand Total); Olist.

pub(super) const DATE: &[&str] = &[
    "orderdate",
    "invoicedate",
    "purchasedate",
    "transactiondate",
    "paidat",
    "datepaid",
    "createdat",
    "createdutc",
    "datecreated",
    "orderedat",
    "purchasedat",
    "ordertimestamp",
    "orderpurchasetimestamp",
    "transactiontimestamp",
    "orderdatetime",
    "datetime",
    "timestamp",
    "created",
    "date",
    "day",
    // As folders are named by which a table is divided.
    "dt",
    "ds",
];

pub(super) const AMOUNT: &[&str] = &[
    "amount",
    "orderamount",
    "ordertotal",
    "totalamount",
    "total",
    "totalprice",
    "grandtotal",
    "salesvalue",
    "salesamount",
    "revenue",
    "sales",
    "spend",
    "netamount",
    "transactionamount",
    "paymentamount",
    "paymentvalue",
    "ordervalue",
    "monetaryvalue",
    "value",
    "linetotal",
    "itemtotal",
    "lineamount",
];

/// Of the whole order by their names, whatever else stands on a line.
pub(super) const ORDER_TOTAL: &[&str] = &[
    "ordertotal",
    "orderamount",
    "ordervalue",
    "orderrevenue",
    "grandtotal",
    "invoicetotal",
    "invoiceamount",
    "baskettotal",
    "basketvalue",
    "carttotal",
    "totalordervalue",
];

/// Of the whole order where the price of a line stands beside it.
pub(super) const TOTAL: &[&str] = &["total", "totalprice", "totalamount", "totalpaid", "amountpaid"];

/// Parts of an amount, and other amounts than the one that is taken.
pub(super) const OTHER_AMOUNTS: &[&str] = &[
    "subtotal",
    "ordersubtotal",
    "total",
    "ordertotal",
    "grandtotal",
    "totalprice",
    "net",
    "netamount",
    "nettotal",
    "netsales",
    "gross",
    "grossamount",
    "grosssales",
    "tax",
    "taxes",
    "taxamount",
    "totaltax",
    "ordertax",
    "itemtax",
    "vat",
    "shipping",
    "shippingtotal",
    "shippingprice",
    "shippingamount",
    "ordershipping",
    "discount",
    "discountamount",
    "orderdiscount",
    "fee",
    "tip",
];

/// What was paid back.
pub(super) const REFUND: &[&str] = &[
    "refundedamount",
    "amountrefunded",
    "refundamount",
    "orderrefundtotal",
    "totalrefunded",
    "refundtotal",
    "refunded",
    "refunds",
];

pub(super) const REFUND_DATE: &[&str] = &["refundedat", "refunddate", "daterefunded", "refundedon", "refundeddate"];

pub(super) const QUANTITY: &[&str] = &["quantity", "qty", "lineitemquantity", "itemquantity", "units"];
pub(super) const PRICE: &[&str] = &["unitprice", "price", "lineitemprice", "itemprice", "priceperunit"];

pub(super) const ORDER: &[&str] = &[
    "orderid",
    "ordernumber",
    "orderno",
    "ordernr",
    "orderkey",
    "amazonorderid",
    "salesorderid",
    "salesordernumber",
    "incrementid",
    "invoiceno",
    "invoicenumber",
    "invoiceid",
    "invoice",
    "transactionid",
    "transactionno",
    "receiptid",
    "receiptnumber",
    "receiptno",
    "basketid",
    "saleid",
    "orderreference",
    "orderref",
    "ordername",
    "order",
];

/// What tells one line of an order from another.
pub(super) const ITEM: &[&str] = &[
    "orderitemid",
    "lineitemid",
    "lineid",
    "lineitemsku",
    "sku",
    "itemsku",
    "asin",
    "stockcode",
    "productid",
    "itemid",
    "lineitemname",
    "itemname",
    "productname",
    "product",
    "item",
    "description",
    "lineitemprice",
    "itemprice",
];

pub(super) const CURRENCY: &[&str] = &[
    "currency",
    "currencycode",
    "ordercurrency",
    "orderscurrency",
    "currencyisocode",
    "isocurrency",
    "transactioncurrency",
    "currencyid",
    "currencysymbol",
    "presentmentcurrency",
    "paymentcurrency",
    "curr",
    "cur",
    "ccy",
    "devise",
    "valuta",
    "moneda",
    "währung",
    "waehrung",
];

pub(super) const STATUS: &[&str] =
    &["status", "orderstatus", "financialstatus", "paymentstatus", "refundstatus", "state", "orderstate"];

/// Columns that mark what is no sale: tests, and sales at the till.
pub(super) const MARKS: &[&str] = &[
    "test",
    "istest",
    "testorder",
    "livemode",
    "refunded",
    "isrefunded",
    "isrefund",
    "cancelled",
    "canceled",
    "iscancelled",
    "iscanceled",
    "voided",
    "isvoid",
    "returned",
    "isreturned",
    "isreturn",
];

/// What a row is of: a payment, or a refund.
pub(super) const TYPES: &[&str] = &[
    "type",
    "transactiontype",
    "eventtype",
    "ordertype",
    "recordtype",
    "rowtype",
    "entrytype",
    "documenttype",
    "kind",
];
