//! One file that holds all that serving needs.

mod file;
mod format;
mod model;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use alchemy_core::{Error, FittedPipeline, Model, Result, Session, Steps};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use model::{Models, StoredModel};

use format::Sections;

/// A fitted pipeline, a model, and what belongs to them, as one unit: data only, checksummed, versioned.
///
/// The stored form loads back to an artifact that gives the same predictions and the same bytes. Loading runs no code
/// that the program did not name: steps and models are found in explicit registries.
///
/// The [`id`](Self::id) is a hash of the contents. It does not depend on when, where or how fast the artifact was
/// made, so the same data, parameters and seed give the same id.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch};
/// use alchemy_core::{Fit, Pipeline, Steps};
/// use alchemy_models::{Artifact, RandomForestClassifier, models};
///
/// let x: Float64Array = (0..40).map(|i| Some(f64::from(i))).collect();
/// let y: BooleanArray = (0..40).map(|i| Some(i >= 20)).collect();
/// let batch = RecordBatch::try_from_iter([("x", Arc::new(x) as ArrayRef), ("y", Arc::new(y) as ArrayRef)])?;
/// let (pipeline, train) = Pipeline::new().fit_transform(&batch, &Default::default())?;
/// let model = RandomForestClassifier::new().with_target("y").with_num_trees(5).fit(&train)?;
///
/// let artifact = Artifact::new(pipeline, model).with_metric("accuracy", Some(1.0)).with_metadata("owner", "risk");
/// let loaded = Artifact::from_bytes(&artifact.to_bytes()?, &Steps::new(), &models())?;
/// assert_eq!(loaded.id()?, artifact.id()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Artifact {
    pipeline: FittedPipeline,
    model: Arc<dyn StoredModel>,
    manifest: Manifest,
    created: Option<String>,
    session: Option<Value>,
    attachments: BTreeMap<String, Value>,
}

/// What is said of the model in words and numbers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Manifest {
    model: String,
    model_version: u32,
    metrics: BTreeMap<String, Option<f64>>,
    metadata: BTreeMap<String, String>,
}

impl Artifact {
    /// An artifact of a pipeline and the model that was fitted on its output.
    #[must_use]
    pub fn new<M: Model>(pipeline: FittedPipeline, model: M) -> Self {
        let manifest = Manifest {
            model: M::NAME.into(),
            model_version: M::VERSION,
            ..Manifest::default()
        };
        Self {
            pipeline,
            model: Arc::new(model),
            manifest,
            created: None,
            session: None,
            attachments: BTreeMap::new(),
        }
    }

    /// Records a metric; `None` where it is undefined.
    #[must_use]
    pub fn with_metric(mut self, name: impl Into<String>, value: Option<f64>) -> Self {
        self.manifest
            .metrics
            .insert(name.into(), value.filter(|value| value.is_finite()));
        self
    }

    /// Records a fact in words, such as the owner or the seed. Part of the [`id`](Self::id): leave out paths and times.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.manifest.metadata.insert(name.into(), value.into());
        self
    }

    /// Records when the artifact was made, in the caller's words. Not part of the [`id`](Self::id).
    #[must_use]
    pub fn with_created(mut self, created: impl Into<String>) -> Self {
        self.created = Some(created.into());
        self
    }

    /// Carries what `session` remembers, so that live scoring goes on where training ended.
    ///
    /// # Errors
    ///
    /// When its state cannot be serialized.
    pub fn with_session(mut self, session: &mut Session) -> Result<Self> {
        self.session = Some(session.save()?);
        Ok(self)
    }

    /// Carries anything that serializes under `name`: the training profile, the reference of a drift detector.
    ///
    /// # Errors
    ///
    /// When `value` cannot be serialized.
    pub fn with_attachment(
        mut self,
        name: impl Into<String>,
        value: &impl Serialize,
    ) -> Result<Self> {
        self.attachments
            .insert(name.into(), serde_json::to_value(value)?);
        Ok(self)
    }

    /// What was attached under `name`, or `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Json`] if it is not a `T`.
    pub fn attachment<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        Ok(self.attachments.get(name).map(T::deserialize).transpose()?)
    }

    /// The fitted pipeline, which holds the input contract and the ledger of training.
    #[must_use]
    pub fn pipeline(&self) -> &FittedPipeline {
        &self.pipeline
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &dyn StoredModel {
        self.model.as_ref()
    }

    /// The recorded metrics.
    #[must_use]
    pub fn metrics(&self) -> &BTreeMap<String, Option<f64>> {
        &self.manifest.metrics
    }

    /// The recorded facts.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.manifest.metadata
    }

    /// When the artifact was made, if its maker said so.
    #[must_use]
    pub fn created(&self) -> Option<&str> {
        self.created.as_deref()
    }

    /// A session that goes on from the one that was [carried](Self::with_session), or starts from an empty past.
    ///
    /// # Errors
    ///
    /// As [`FittedPipeline::session`]; [`Error::Corrupt`] if the carried state does not fit the pipeline.
    pub fn session(&self) -> Result<Session> {
        let mut session = self.pipeline.session()?;
        if let Some(state) = &self.session {
            session.restore(state.clone())?;
        }
        Ok(session)
    }

    /// The content hash: 32 hexadecimal digits (XXH3, 128 bits; not a signature).
    ///
    /// # Errors
    ///
    /// When a part cannot be serialized.
    pub fn id(&self) -> Result<String> {
        Ok(self.sections()?.id())
    }

    /// The stored form.
    ///
    /// # Errors
    ///
    /// When a part cannot be serialized.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut sections = self.sections()?;
        if let Some(created) = &self.created {
            sections.push("created", created.clone().into_bytes());
        }
        Ok(sections.to_bytes())
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote, with the steps and models that may be loaded.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] for damaged bytes, [`Error::UnknownStep`] and [`Error::StepVersion`] for what the registries do
    /// not hold.
    pub fn from_bytes(bytes: &[u8], steps: &Steps, models: &Models) -> Result<Self> {
        let sections = Sections::from_bytes(bytes)?;
        let manifest: Manifest = json(sections.get("manifest")?)?;
        let pipeline = FittedPipeline::from_json(text(sections.get("pipeline")?)?, steps)?;
        let model = models.load(
            &manifest.model,
            manifest.model_version,
            sections.get("model")?,
        )?;
        Ok(Self {
            pipeline,
            model,
            manifest,
            created: sections
                .find("created")
                .map(|bytes| text(bytes).map(str::to_owned))
                .transpose()?,
            session: sections.find("session").map(json).transpose()?,
            attachments: json(sections.get("attachments")?)?,
        })
    }

    /// Writes the stored form to `path`: the file is either the old one or all of the new one, also after a crash.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], or when a part cannot be serialized. No half-written file is left.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        file::write(path.as_ref(), &self.to_bytes()?)
    }

    /// Reads an artifact from `path`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], and as [`from_bytes`](Self::from_bytes).
    pub fn load(path: impl AsRef<Path>, steps: &Steps, models: &Models) -> Result<Self> {
        Self::from_bytes(&file::read(path.as_ref())?, steps, models)
    }

    /// Everything that the id covers.
    fn sections(&self) -> Result<Sections> {
        let mut sections = Sections::default();
        sections.push("manifest", serde_json::to_vec(&self.manifest)?);
        sections.push("pipeline", self.pipeline.to_json()?.into_bytes());
        sections.push("model", self.model.to_bytes()?);
        if let Some(session) = &self.session {
            sections.push("session", serde_json::to_vec(session)?);
        }
        sections.push("attachments", serde_json::to_vec(&self.attachments)?);
        Ok(sections)
    }
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| corrupt(error.to_string()))
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| corrupt(error.to_string()))
}

fn corrupt(message: impl Into<String>) -> Error {
    Error::Corrupt {
        what: "artifact".into(),
        message: message.into(),
    }
}
