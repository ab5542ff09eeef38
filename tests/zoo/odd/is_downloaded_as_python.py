# %% [markdown] exercise="ex01_gradient_flow" earns=100 status="graded" says="ex01_gradient_flow.py is a Python file"
# Jupyter's "Save and Export Notebook As, Executable Script": cells under `# In[1]:`, text as comments.

# %% tags=["files"]
import nbconvert
from nbformat import from_dict


def files(folder, notebook):
    text, _ = nbconvert.PythonExporter().from_notebook_node(from_dict(notebook))
    (folder / "ex01_gradient_flow.py").write_text(text)
