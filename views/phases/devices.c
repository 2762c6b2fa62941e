/* SPDX-License-Identifier: Apache-2.0 */
/* What each device used in one phase: the lower part of the zoomed phases panel. */
#include "views/phases/devices.h"

#include <math.h>
#include <string.h>

enum column { DEVICE, ENERGY, ABOVE, MEAN, PEAK, SHARE, PER_WORK, COLUMNS };

static const struct table_column device_columns[COLUMNS] = {
	[DEVICE] = {"DEVICE", 0, false, 0, false},   [ENERGY] = {"J", 10, true, 0, false},
	[ABOVE] = {"J>idle", 10, true, 3, false},    [MEAN] = {"W", 9, true, 1, false},
	[PEAK] = {"PEAK W", 9, true, 2, false},	     [SHARE] = {"%", 6, true, 4, false},
	[PER_WORK] = {"J/WORK", 10, true, 5, false},
};

struct sheet {
	struct canvas *canvas;
	struct rect area;
	struct table_layout layout;
};

static void put(const struct sheet *sheet, int y, enum column column, double value, bool proxy,
		const char *text)
{
	enum role role = isnan(value) ? ROLE_ABSENT : proxy ? ROLE_ESTIMATE : ROLE_VALUE;

	table_cell(sheet->canvas, sheet->area, y, device_columns, &sheet->layout, (size_t)column,
		   role, text);
}

static void put_si(const struct sheet *sheet, int y, enum column column, double value, bool proxy,
		   const char *unit)
{
	char number[UNIT_TEXT_SIZE], text[UNIT_TEXT_SIZE + 4];

	text_print(text, sizeof(text), "%s%s", proxy && !isnan(value) ? "~" : "",
		   unit_si(number, value, unit));
	put(sheet, y, column, value, proxy, text);
}

static void draw_device(const struct sheet *sheet, int y, const struct phase_device *device,
			const struct phase_figures *phase)
{
	bool proxy =
		device->quality == QUALITY_ESTIMATED || phase->is_short || phase->unsure_count > 0;
	double share = phase->energy_j > 0 ? device->energy_j / phase->energy_j : NAN;
	double per_work = phase->work > 0 ? device->energy_j / phase->work : NAN;
	char text[UNIT_TEXT_SIZE];

	table_cell(sheet->canvas, sheet->area, y, device_columns, &sheet->layout, DEVICE, ROLE_TEXT,
		   device->key);
	put_si(sheet, y, ENERGY, device->energy_j, proxy, "J");
	put_si(sheet, y, ABOVE, device->above_j, proxy, "J");
	put_si(sheet, y, MEAN, device->mean_w, proxy, "W");
	put_si(sheet, y, PEAK, device->peak_w, proxy, "W");
	put(sheet, y, SHARE, share, proxy, figure_percent(text, share));
	put_si(sheet, y, PER_WORK, per_work, proxy, "J");
}

int phases_devices_height(const struct session *session, size_t phase)
{
	struct phase_device devices[PHASE_DEVICES_MAX];

	return 2 + (int)phase_devices(session, phase, devices);
}

void phases_devices_draw(const struct session *session, size_t phase, struct canvas *canvas,
			 struct rect area)
{
	struct phase_device devices[PHASE_DEVICES_MAX];
	struct phase_figures figures = phase_figures(session, phase);
	struct sheet sheet = {.canvas = canvas, .area = area};
	size_t count = phase_devices(session, phase, devices);
	char title[DOMAIN_KEY_SIZE + 32];

	text_print(title, sizeof(title), "devices in %s",
		   strlen(figures.key) > 6 ? figures.key + 6 : figures.name);
	figure_cell(canvas, area, (struct rect){0, 0, area.width, 1}, ROLE_TITLE, title);
	if (count == 0) {
		figure_cell(canvas, area, (struct rect){0, 1, area.width, 1}, ROLE_DIM,
			    "no device here counts energy, see 8");
		return;
	}
	table_layout(device_columns, COLUMNS, area.width, &sheet.layout);
	table_head(canvas, area, 1, device_columns, COLUMNS, &sheet.layout, -1, false);
	for (size_t i = 0; i < count && (int)i + 2 < area.height; i++)
		draw_device(&sheet, (int)i + 2, &devices[i], &figures);
}
