//! Charts as SVG: bars of ratios, and lines over a number. Pictures have no animation and no script, and their text is
//! text.

use super::{
    markdown::number,
    statistics::Spread,
    table::{Chart, Measured, Row},
};
use anyhow::{Result, anyhow};
use plotters::{
    chart::{ChartBuilder, SeriesLabelPosition},
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, PathElement, Rectangle, Text},
    prelude::SVGBackend,
    style::{Color, IntoFont, RGBColor, TextStyle, WHITE},
};

const WIDTH: i32 = 900;
const ROW: i32 = 20;
const HEAD: i32 = 46;
const LABELS: i32 = 330;
const BARS: i32 = 430;

/// Colours that are told apart by people who do not see red and green, after Okabe and Ito.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
];
const INK: RGBColor = RGBColor(50, 50, 50);

type Canvas<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Returns the picture of a table, if it has one.
pub fn draw(measured: &Measured) -> Result<Option<String>> {
    let related = measured.metrics.iter().position(|metric| metric.related);
    match (measured.chart, related) {
        (Chart::Bars, Some(metric)) => bars(measured, metric).map(Some),
        (Chart::Lines, _) => lines(measured, 0).map(Some),
        _ => Ok(None),
    }
}

/// Draws on a canvas of this height.
fn on_canvas(height: i32, draw: impl FnOnce(&Canvas) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
    let canvas = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    canvas.fill(&WHITE).map_err(failed)?;
    draw(&canvas)?;
    canvas.present().map_err(failed)?;
    drop(canvas);
    Ok(svg)
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("failed to draw: {error}")
}

fn write(canvas: &Canvas, text: impl AsRef<str>, at: (i32, i32), size: i32) -> Result<()> {
    let style: TextStyle = ("sans-serif", size).into_font().color(&INK);
    // Names are written as in Markdown.
    canvas.draw(&Text::new(text.as_ref().replace('`', ""), at, style)).map_err(failed)
}

/// A bar for each subject: its ratio to the reference, with the interval of 95 % as a line. The reference is the line
/// at 1.
fn bars(measured: &Measured, metric: usize) -> Result<String> {
    let cases: Vec<&str> = cases(measured);
    let rows = i32::try_from(measured.rows.len() + cases.len())?;
    on_canvas(HEAD + ROW * (rows + 1), |canvas| {
        write(
            canvas,
            format!("{}: {}, ratio to the reference", measured.title, measured.metrics[metric].name),
            (10, 10),
            20,
        )?;
        let ratio = |row| measured.ratio(row, metric);
        let highest = measured.rows.iter().filter_map(ratio).map(|ratio| ratio.high).fold(1.0, f64::max);
        let place = |value: f64| LABELS + rounded(value / highest * f64::from(BARS));
        let mut y = HEAD;
        for case in cases {
            write(canvas, case, (10, y + 3), 15)?;
            y += ROW;
            let of_case = measured.rows.iter().filter(|row| row.case == case);
            for (at, row) in of_case.enumerate() {
                let ratio = measured.ratio(row, metric);
                let (middle, label) =
                    ratio.map_or((1.0, "1, the reference".into()), |ratio| (ratio.median, ratio.to_string()));
                let colour = COLOURS[at % COLOURS.len()];
                write(canvas, row.name.as_str(), (26, y + 3), 14)?;
                let (start, end) = ((LABELS, y + 3), (place(middle), y + ROW - 3));
                canvas.draw(&Rectangle::new([start, end], colour.filled())).map_err(failed)?;
                if let Some(ratio) = ratio {
                    let line = vec![(place(ratio.low), y + ROW / 2), (place(ratio.high), y + ROW / 2)];
                    canvas.draw(&PathElement::new(line, INK.stroke_width(2))).map_err(failed)?;
                }
                let beside = ratio.map_or(middle, |ratio| ratio.high);
                write(canvas, label, (place(beside) + 6, y + 3), 14)?;
                y += ROW;
            }
        }
        let line = vec![(place(1.0), HEAD - 6), (place(1.0), y)];
        canvas.draw(&PathElement::new(line, INK.stroke_width(1))).map_err(failed)
    })
}

/// A line for each subject, over cases that begin with a number.
fn lines(measured: &Measured, metric: usize) -> Result<String> {
    let points = |name: &str| -> Vec<(f64, Spread)> {
        let rows = measured.rows.iter().filter(|row| row.name == name);
        rows.filter_map(|row| Some((leading_number(&row.case)?, row.spread(metric)))).collect()
    };
    let names: Vec<&str> = distinct(measured.rows.iter().map(|row| row.name.as_str()));
    let all = || names.iter().flat_map(|name| points(name));
    let (right, top) = (all().map(|(x, _)| x).fold(1.0, f64::max), all().map(|(_, y)| y.high).fold(0.0, f64::max));
    on_canvas(380, |canvas| {
        let title = format!("{}: {}", measured.title, measured.metrics[metric].name);
        let mut chart = ChartBuilder::on(canvas)
            .caption(title, ("sans-serif", 16).into_font().color(&INK))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..right * 1.03, 0.0..top * 1.1)
            .map_err(failed)?;
        let mut mesh = chart.configure_mesh();
        mesh.x_desc(measured.case).y_label_formatter(&|value| number(*value)).light_line_style(WHITE);
        mesh.draw().map_err(failed)?;
        for (at, name) in names.iter().enumerate() {
            let colour = COLOURS[at % COLOURS.len()];
            let line: Vec<_> = points(name).into_iter().map(|(x, spread)| (x, spread.median)).collect();
            let line = PathElement::new(line, colour.stroke_width(2));
            let drawn = chart.draw_series([line]).map_err(failed)?;
            drawn.label(*name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
            let dots = points(name).into_iter().map(|(x, spread)| Circle::new((x, spread.median), 3, colour.filled()));
            chart.draw_series(dots).map_err(failed)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.8))
            .border_style(INK)
            .draw()
            .map_err(failed)
    })
}

fn cases(measured: &Measured) -> Vec<&str> {
    distinct(measured.rows.iter().map(|row: &Row| row.case.as_str()))
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut distinct = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

fn leading_number(case: &str) -> Option<f64> {
    case.split(' ').next()?.replace(',', "").parse().ok()
}

#[allow(clippy::cast_possible_truncation, reason = "it is a place in a picture")]
fn rounded(value: f64) -> i32 {
    value.round() as i32
}

#[cfg(test)]
mod tests {
    use super::draw;
    use crate::bench::table::{Chart, Kind, Measured, Metric, Row};

    fn measured(chart: Chart) -> Measured {
        let row = |case: &str, name: &str, values: [f64; 2]| Row {
            case: case.into(),
            name: name.into(),
            series: vec![values.to_vec()],
            latencies: Vec::new(),
        };
        Measured {
            title: "Growth",
            about: "",
            case: "adapters",
            metrics: vec![Metric::related("ms", Kind::Time)],
            rows: vec![
                row("1", "bare", [10.0, 11.0]),
                row("1", "a <filter> & more", [20.0, 22.0]),
                row("64", "bare", [10.0, 11.0]),
                row("64", "a <filter> & more", [80.0, 88.0]),
            ],
            chart,
        }
    }

    #[test]
    fn a_chart_is_an_svg_with_all_names() {
        for chart in [Chart::Bars, Chart::Lines] {
            let svg = draw(&measured(chart)).unwrap().unwrap();
            assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
            assert!(svg.contains("bare") && svg.contains("a &lt;filter&gt; &amp; more"), "{svg}");
        }
        assert!(draw(&measured(Chart::Bars)).unwrap().unwrap().contains("8.00"));
    }

    #[test]
    fn a_table_without_a_chart_has_none() {
        assert!(draw(&measured(Chart::None)).unwrap().is_none());
    }
}
