//! The calendar day of a column, whatever its type.

use super::Dialect;

/// The end of a time that is written with its offset.
const OFFSET: &str = "'[0-9]:[0-9][0-9].*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$'";

/// The day of an order: of a date or a time without a zone the day that is written, of an instant its day in a zone, of text
/// `yyyy-mm-dd`, with or without a time behind it, the same. What is no date makes the query fail, never a row disappear.
pub(super) fn day(dialect: Dialect, column: &str, zone: Option<&str>) -> Vec<String> {
    let in_zone = zone.unwrap_or("'UTC'");
    match dialect {
        Dialect::Postgres => postgres(column, in_zone, zone.is_some()),
        Dialect::Duckdb => duckdb(column, in_zone, zone.is_some()),
        Dialect::Spark => spark(column, in_zone, zone.is_some()),
        // Types without an instant are refused by `date(..., zone)` itself, and text that is no date by the cast.
        Dialect::Bigquery => match zone {
            Some(zone) => vec![format!("date({column}, {zone})")],
            None => vec![format!("cast({column} as date)")],
        },
        Dialect::Snowflake => snowflake(column, in_zone, zone.is_some()),
    }
}

fn postgres(column: &str, zone: &str, moves_text: bool) -> Vec<String> {
    let (kind, text) = (format!("cast(pg_typeof({column}) as text)"), format!("cast({column} as text)"));
    let part = |from, length| format!("cast(substr({text}, {from}, {length}) as integer)");
    let mut lines = vec![
        "case".into(),
        format!("  when {kind} = 'timestamp with time zone'"),
        format!("    then cast(cast({column} as timestamp with time zone) at time zone {zone} as date)"),
        format!("  when {kind} in ('date', 'timestamp without time zone')"),
        format!("    then cast({column} as date)"),
    ];
    if moves_text {
        lines.push(format!("  when {text} ~ {OFFSET}"));
        lines.push(format!("    then cast(cast({text} as timestamp with time zone) at time zone {zone} as date)"));
    }
    lines.extend([
        format!("  when {text} !~ '^ *$'"),
        format!("    then make_date({}, {}, {})", part(1, 4), part(6, 2), part(9, 2)),
        "end".into(),
    ]);
    lines
}

fn duckdb(column: &str, zone: &str, moves_text: bool) -> Vec<String> {
    let text = format!("cast({column} as varchar)");
    let part = |from, length| format!("cast(substr({text}, {from}, {length}) as integer)");
    let mut lines = vec![
        "case".into(),
        format!("  when typeof({column}) = 'TIMESTAMP WITH TIME ZONE'"),
        format!("    then cast(cast({column} as timestamp with time zone) at time zone {zone} as date)"),
        format!("  when typeof({column}) <> 'VARCHAR'"),
        format!("    then cast({column} as date)"),
    ];
    if moves_text {
        lines.push(format!("  when regexp_matches({text}, {OFFSET})"));
        lines.push(format!("    then cast(cast({text} as timestamp with time zone) at time zone {zone} as date)"));
    }
    lines.extend([
        format!("  when trim({text}) <> ''"),
        format!("    then make_date({}, {}, {})", part(1, 4), part(6, 2), part(9, 2)),
        "end".into(),
    ]);
    lines
}

fn spark(column: &str, zone: &str, moves_text: bool) -> Vec<String> {
    let text = format!("cast({column} as string)");
    let ten = format!("substr({text}, 1, 10)");
    // Microseconds of the zone's clock: a cast would go by the zone of the session.
    let moved = |instant: &str| {
        format!(
            "    then date_from_unix_date(cast(floor(unix_micros(from_utc_timestamp({instant}, {zone})) / 86400000000) as \
             int))"
        )
    };
    let mut lines = vec![
        "case".into(),
        format!("  when typeof({column}) = 'timestamp'"),
        moved(column),
        format!("  when typeof({column}) <> 'string'"),
        format!("    then cast({column} as date)"),
    ];
    if moves_text {
        lines.push(format!("  when {text} rlike {OFFSET}"));
        lines.push(moved(&format!("cast({text} as timestamp)")));
    }
    lines.extend([
        format!("  when trim({text}) <> ''"),
        format!("    then coalesce(try_cast({ten} as date), raise_error(concat('this is no date: ', {text})))"),
        "end".into(),
    ]);
    lines
}

fn snowflake(column: &str, zone: &str, moves_text: bool) -> Vec<String> {
    let (kind, text) = (format!("typeof(to_variant({column}))"), format!("cast({column} as varchar)"));
    let mut lines = vec![
        "case".into(),
        format!("  when {kind} in ('TIMESTAMP_TZ', 'TIMESTAMP_LTZ')"),
        format!("    then to_date(convert_timezone({zone}, cast({column} as timestamp_tz)))"),
        format!("  when {kind} <> 'VARCHAR'"),
        format!("    then to_date({column})"),
    ];
    if moves_text {
        lines.push(format!("  when regexp_instr({text}, {OFFSET}) > 0"));
        lines.push(format!("    then to_date(convert_timezone({zone}, to_timestamp_tz({text})))"));
    }
    lines.extend([
        format!("  when trim({text}) <> ''"),
        format!("    then to_date(substr({text}, 1, 10), 'YYYY-MM-DD')"),
        "end".into(),
    ]);
    lines
}
