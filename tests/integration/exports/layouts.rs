//! What shops and analysts make of the same orders.

use super::locales::Locale;
use super::truth::{Fate, Order, Shop, Truth, date};

/// Files, the options that a user gives from the start, and what is to come out.
pub struct Export {
    pub files: Vec<(&'static str, String)>,
    pub options: Vec<String>,
    pub truth: Truth,
}

pub type Layout = fn(&Shop, &Locale) -> Export;

pub const LAYOUTS: [(&str, Layout); 20] = [
    ("plain orders", plain),
    ("returns as orders of their own", with_returns),
    ("Shopify, totals", shopify),
    ("Shopify, items", shopify_items),
    ("WooCommerce, total on each line", woocommerce_lines),
    ("WooCommerce, guests", woocommerce_guests),
    ("Amazon", amazon),
    ("Stripe", stripe),
    ("Online Retail", online_retail),
    ("Magento", magento),
    ("refunds on their days", refund_dates),
    ("lines with amounts", lines_with_amounts),
    ("an amount on each line that is the order's", amount_of_order),
    ("e-mails in several spellings", spellings),
    ("overlapping files", overlapping),
    ("several currencies", currencies),
    ("item lines of merged cells", merged_cells),
    ("words for nothing", nothing),
    ("monthly files", monthly),
    ("test orders", tests),
];

fn text(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn email(order: &Order) -> String {
    format!("c{}@example.org", order.customer)
}

fn number(order: &Order) -> String {
    (order.customer + 1).to_string()
}

fn file(locale: &Locale, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let header = locale.row(&text(header));
    rows.into_iter().fold(header, |file, row| file + &locale.row(&row))
}

fn status(order: &Order) -> String {
    match order.fate {
        Fate::Kept => "completed",
        Fate::Cancelled => "cancelled",
        Fate::Refunded => "refunded",
    }
    .to_owned()
}

fn is_kept(order: &Order) -> bool {
    order.fate == Fate::Kept
}

fn of_kept(shop: &Shop, id: fn(&Order) -> String, net: impl Fn(&Order) -> i64) -> Truth {
    shop.truth(is_kept, id, net)
}

fn of_all(shop: &Shop, id: fn(&Order) -> String) -> Truth {
    shop.truth(|_| true, id, Order::total)
}

fn plain(shop: &Shop, locale: &Locale) -> Export {
    let row = |order: &Order| vec![number(order), date(order.day), locale.money(order.total())];
    let rows = shop.orders.iter().map(row);
    let files = vec![("orders.csv", file(locale, &["customer_id", "order_date", "amount"], rows))];
    Export { files, options: Vec::new(), truth: of_all(shop, number) }
}

fn with_returns(shop: &Shop, locale: &Locale) -> Export {
    let row = |order: &Order| {
        let sale = vec![number(order), date(order.day), locale.money(order.total())];
        let back = vec![number(order), date(order.day + order.refund_delay), locale.money(-order.partial_refund)];
        if order.partial_refund > 0 { vec![sale, back] } else { vec![sale] }
    };
    let rows = shop.orders.iter().flat_map(row);
    let files = vec![("orders.csv", file(locale, &["customer_id", "order_date", "amount"], rows))];
    // A return is no order: the last day of a customer is that of an order.
    let options = text(&["--until", "2024-12-31"]);
    Export { files, options, truth: shop.truth(|_| true, number, |order| order.total() - order.partial_refund) }
}

const SHOPIFY: [&str; 14] = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Refunded Amount",
];

fn shopify_rows(order: &Order, locale: &Locale) -> Vec<Vec<String>> {
    let paid = match order.fate {
        Fate::Kept if order.partial_refund > 0 => "partially_refunded",
        Fate::Kept => "paid",
        Fate::Cancelled => "voided",
        Fate::Refunded => "refunded",
    };
    let total = locale.money(order.total());
    let (time, zero) = (format!("{} 10:00:00 +0100", date(order.day)), locale.money(0));
    let refunded = if order.fate == Fate::Refunded { order.total() } else { order.partial_refund };
    let line = |(i, item): (usize, &super::truth::Item)| {
        let of_order = |text: &str| if i == 0 { text.to_owned() } else { String::new() };
        vec![
            format!("#{}", order.id),
            email(order),
            of_order(paid),
            of_order(&time),
            of_order("EUR"),
            of_order(&total),
            of_order(&zero),
            of_order(&zero),
            of_order(&total),
            time.clone(),
            item.quantity.to_string(),
            item.sku.clone(),
            locale.money(item.price),
            of_order(&locale.money(refunded)),
        ]
    };
    order.items.iter().enumerate().map(line).collect()
}

/// Signs that contradict the column of currencies are another matter.
fn without_sign(locale: &Locale) -> Locale {
    locale.plain()
}

fn shopify(shop: &Shop, locale: &Locale) -> Export {
    let locale = &without_sign(locale);
    let rows = shop.orders.iter().flat_map(|order| shopify_rows(order, locale));
    let files = vec![("orders.csv", file(locale, &SHOPIFY, rows))];
    let truth = of_kept(shop, email, |order| order.total() - order.partial_refund);
    Export { files, options: Vec::new(), truth }
}

fn shopify_items(shop: &Shop, locale: &Locale) -> Export {
    let locale = &without_sign(locale);
    let rows = shop.orders.iter().flat_map(|order| shopify_rows(order, locale));
    let files = vec![("orders.csv", file(locale, &SHOPIFY, rows))];
    let options = text(&["--quantity", "Lineitem quantity", "--price", "Lineitem price"]);
    Export { files, options, truth: of_kept(shop, email, |order| order.total() - order.partial_refund) }
}

fn woocommerce_lines(shop: &Shop, locale: &Locale) -> Export {
    let header = [
        "order_id",
        "order_date",
        "status",
        "order_total",
        "customer_email",
        "item_name",
        "item_quantity",
        "item_price",
    ];
    let rows = shop.orders.iter().flat_map(|order| {
        order.items.iter().map(|item| {
            vec![
                order.id.to_string(),
                format!("{} 10:00:00", date(order.day)),
                status(order),
                locale.money(order.total()),
                email(order),
                item.sku.clone(),
                item.quantity.to_string(),
                locale.money(item.price),
            ]
        })
    });
    let files = vec![("orders.csv", file(locale, &header, rows.collect::<Vec<_>>()))];
    Export { files, options: Vec::new(), truth: of_kept(shop, email, Order::total) }
}

fn guest_or_number(order: &Order) -> String {
    if order.customer.is_multiple_of(3) { email(order) } else { number(order) }
}

fn woocommerce_guests(shop: &Shop, locale: &Locale) -> Export {
    let header = ["order_id", "order_date", "status", "order_total", "customer_id", "customer_email"];
    let rows = shop.orders.iter().map(|order| {
        let id = if order.customer.is_multiple_of(3) { "0".to_owned() } else { number(order) };
        vec![order.id.to_string(), date(order.day), status(order), locale.money(order.total()), id, email(order)]
    });
    let files = vec![("orders.csv", file(locale, &header, rows))];
    Export { files, options: Vec::new(), truth: of_kept(shop, guest_or_number, Order::total) }
}

fn amazon(shop: &Shop, locale: &Locale) -> Export {
    let locale = &locale.delimited('\t');
    let header = [
        "order-id",
        "order-item-id",
        "purchase-date",
        "buyer-email",
        "sku",
        "quantity",
        "item-price",
        "item-tax",
        "shipping-price",
    ];
    let rows = shop.orders.iter().flat_map(|order| {
        order.items.iter().enumerate().map(|(i, item)| {
            vec![
                format!("701-{}", order.id),
                format!("{}{i}", order.id),
                format!("{}T10:00:00+00:00", date(order.day)),
                email(order),
                item.sku.clone(),
                item.quantity.to_string(),
                locale.money(item.price * item.quantity),
                locale.money(0),
                locale.money(500),
            ]
        })
    });
    let files = vec![("orders.txt", file(locale, &header, rows.collect::<Vec<_>>()))];
    Export { files, options: Vec::new(), truth: of_all(shop, email) }
}

fn stripe(shop: &Shop, locale: &Locale) -> Export {
    let header = ["id", "Description", "Created (UTC)", "Amount", "Amount Refunded", "Status", "Customer ID"];
    let rows = shop.orders.iter().map(|order| {
        let status = if order.fate == Fate::Cancelled { "Failed" } else { "Paid" };
        let refunded = if order.fate == Fate::Refunded { order.total() } else { order.partial_refund };
        let time = format!("{} 10:00", date(order.day));
        let (amount, refunded) = (locale.money(order.total()), locale.money(refunded));
        vec![
            format!("ch_{}", order.id),
            "x".to_owned(),
            time,
            amount,
            refunded,
            status.to_owned(),
            format!("cus_{}", order.customer),
        ]
    });
    let files = vec![("payments.csv", file(locale, &header, rows))];
    let id = |order: &Order| format!("cus_{}", order.customer);
    let refunded = |order: &Order| if order.fate == Fate::Refunded { order.total() } else { order.partial_refund };
    let truth = shop.truth(|order| order.fate != Fate::Cancelled, id, |order| order.total() - refunded(order));
    Export { files, options: Vec::new(), truth }
}

fn online_retail(shop: &Shop, locale: &Locale) -> Export {
    let header =
        ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];
    let rows = shop.orders.iter().flat_map(|order| {
        let lines = |sign: i64, id: String, day: i64| {
            let line = move |item: &super::truth::Item| {
                vec![
                    id.clone(),
                    item.sku.clone(),
                    "A thing".to_owned(),
                    (sign * item.quantity).to_string(),
                    format!("{} 10:00", date(day)),
                    locale.money(item.price),
                    number(order),
                    "United Kingdom".to_owned(),
                ]
            };
            order.items.iter().map(line).collect::<Vec<_>>()
        };
        let mut rows = lines(1, order.id.to_string(), order.day);
        if order.fate != Fate::Kept {
            rows.extend(lines(-1, format!("C{}", order.id), order.day + order.refund_delay));
        }
        rows
    });
    let files = vec![("online-retail.csv", file(locale, &header, rows.collect::<Vec<_>>()))];
    let net = |order: &Order| if is_kept(order) { order.total() } else { 0 };
    Export { files, options: text(&["--until", "2024-12-31"]), truth: shop.truth(|_| true, number, net) }
}

fn magento(shop: &Shop, locale: &Locale) -> Export {
    let header = ["increment_id", "created_at", "customer_email", "status", "subtotal", "tax_amount", "grand_total"];
    let rows = shop.orders.iter().map(|order| {
        let total = order.total();
        let (subtotal, tax) = (locale.money(total / 500 * 400), locale.money(total - total / 500 * 400));
        let status = if order.fate == Fate::Kept { "complete" } else { "canceled" };
        let time = format!("{} 10:00:00", date(order.day));
        vec![format!("{:09}", order.id), time, email(order), status.to_owned(), subtotal, tax, locale.money(total)]
    });
    let files = vec![("orders.csv", file(locale, &header, rows))];
    Export { files, options: Vec::new(), truth: of_kept(shop, email, Order::total) }
}

fn refund_dates(shop: &Shop, locale: &Locale) -> Export {
    let header = ["order_id", "customer_id", "date", "amount", "refund_amount", "refund_date"];
    let rows = shop.orders.iter().map(|order| {
        let refunded = order.partial_refund > 0;
        let day = if refunded { date(order.day + order.refund_delay) } else { String::new() };
        let refund = if refunded { locale.money(order.partial_refund) } else { String::new() };
        vec![order.id.to_string(), number(order), date(order.day), locale.money(order.total()), refund, day]
    });
    let files = vec![("orders.csv", file(locale, &header, rows))];
    let options = text(&["--refund", "refund_amount", "--until", "2024-12-31"]);
    Export { files, options, truth: shop.truth(|_| true, number, |order| order.total() - order.partial_refund) }
}

fn lines_with_amounts(shop: &Shop, locale: &Locale) -> Export {
    let rows = shop.orders.iter().flat_map(|order| {
        order.items.iter().map(|item| {
            let amount = locale.money(item.price * item.quantity);
            vec![order.id.to_string(), number(order), date(order.day), item.sku.clone(), amount]
        })
    });
    let files = vec![(
        "lines.csv",
        file(locale, &["order_id", "customer_id", "date", "sku", "amount"], rows.collect::<Vec<_>>()),
    )];
    Export { files, options: Vec::new(), truth: of_all(shop, number) }
}

fn amount_of_order(shop: &Shop, locale: &Locale) -> Export {
    let rows = shop.orders.iter().flat_map(|order| {
        let amount = locale.money(order.total());
        order.items.iter().map(move |item| {
            vec![order.id.to_string(), number(order), date(order.day), item.sku.clone(), amount.clone()]
        })
    });
    let files = vec![(
        "lines.csv",
        file(locale, &["order_id", "customer_id", "date", "sku", "amount"], rows.collect::<Vec<_>>()),
    )];
    Export { files, options: Vec::new(), truth: of_all(shop, number) }
}

fn spellings(shop: &Shop, locale: &Locale) -> Export {
    let rows = shop.orders.iter().map(|order| {
        let plain = email(order);
        let id = match order.id % 4 {
            0 => plain.to_uppercase(),
            1 => format!("{plain}\u{a0}"),
            2 => plain.replacen('c', "C", 1),
            _ => plain,
        };
        vec![id, date(order.day), locale.money(order.total())]
    });
    let files = vec![("orders.csv", file(locale, &["email", "date", "amount"], rows))];
    Export { files, options: Vec::new(), truth: of_all(shop, email) }
}

fn overlapping(shop: &Shop, locale: &Locale) -> Export {
    let (third, header) = (shop.orders.len() / 3, ["order_id", "customer_id", "date", "order_total"]);
    let part = |orders: &[Order]| {
        let row =
            |order: &Order| vec![order.id.to_string(), number(order), date(order.day), locale.money(order.total())];
        file(locale, &header, orders.iter().map(row))
    };
    let files = vec![("january.csv", part(&shop.orders[..2 * third])), ("february.csv", part(&shop.orders[third..]))];
    Export { files, options: Vec::new(), truth: of_all(shop, number) }
}

fn currencies(shop: &Shop, locale: &Locale) -> Export {
    let locale = &without_sign(locale);
    let row =
        |order: &Order| vec![number(order), date(order.day), locale.money(order.total()), order.currency.to_owned()];
    let files =
        vec![("orders.csv", file(locale, &["customer_id", "date", "amount", "currency"], shop.orders.iter().map(row)))];
    let truth = shop.truth(|order| order.currency == "EUR", number, Order::total);
    Export { files, options: text(&["--currency", "EUR"]), truth }
}

/// The first line of an order has what all share.
fn merged_cells(shop: &Shop, locale: &Locale) -> Export {
    let rows = shop.orders.iter().flat_map(|order| {
        order.items.iter().enumerate().map(|(i, item)| {
            let shared = |text: String| if i == 0 { text } else { String::new() };
            let amount = locale.money(item.price * item.quantity);
            vec![order.id.to_string(), shared(number(order)), shared(date(order.day)), item.sku.clone(), amount]
        })
    });
    let header = ["order_id", "customer_id", "date", "sku", "line_total"];
    let files = vec![("lines.csv", file(locale, &header, rows.collect::<Vec<_>>()))];
    Export { files, options: Vec::new(), truth: of_all(shop, number) }
}

fn nothing(shop: &Shop, locale: &Locale) -> Export {
    const WORDS: [&str; 6] = ["#N/A", "\\N", "(null)", "<NA>", "NULL", ""];
    let rows = shop.orders.iter().map(|order| {
        let id = match order.fate {
            Fate::Kept => number(order),
            _ => WORDS[order.id % WORDS.len()].to_owned(),
        };
        vec![id, date(order.day), locale.money(order.total())]
    });
    let files = vec![("orders.csv", file(locale, &["customer_id", "date", "amount"], rows))];
    Export { files, options: Vec::new(), truth: of_kept(shop, number, Order::total) }
}

fn monthly(shop: &Shop, locale: &Locale) -> Export {
    let part = |orders: &[Order]| {
        let row = |order: &Order| vec![number(order), date(order.day), locale.money(order.total())];
        file(locale, &["customer_id", "date", "amount"], orders.iter().map(row))
    };
    let size = shop.orders.len() / 3;
    let files = vec![
        ("1.csv", part(&shop.orders[..size])),
        ("2.csv", part(&shop.orders[size..2 * size])),
        ("3.csv", part(&shop.orders[2 * size..])),
    ];
    Export { files, options: Vec::new(), truth: of_all(shop, number) }
}

fn tests(shop: &Shop, locale: &Locale) -> Export {
    let row = |order: &Order| {
        let test = if is_kept(order) { "false" } else { "true" };
        vec![email(order), date(order.day), locale.money(order.total()), test.to_owned()]
    };
    let files = vec![("orders.csv", file(locale, &["email", "date", "total", "test"], shop.orders.iter().map(row)))];
    Export { files, options: Vec::new(), truth: of_kept(shop, email, Order::total) }
}
